import { defineErrors } from '../common/errors/index.js';

export const clusterErrors = defineErrors('clusters', {
  not_found: ['not_found', 'There is no such cluster, or it is not yours to use.'],
  slug_taken: ['conflict', 'Another cluster of this operator has this slug.'],
  archived: ['conflict', 'This cluster is archived: nothing runs there any more.'],
  preset_not_found: ['not_found', 'This cluster has no such preset.'],
  preset_taken: ['conflict', 'This cluster has a preset with this key.'],
  too_many_presets: ['conflict', 'A cluster has at most 100 presets. Remove one first.'],
});

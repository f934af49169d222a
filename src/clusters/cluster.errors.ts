import { defineErrors } from '../common/errors/index.js';

export const clusterErrors = defineErrors('clusters', {
  not_found: ['not_found', 'This cluster does not exist, or you cannot use it.'],
  slug_taken: ['conflict', 'Another cluster of this operator has this slug.'],
  archived: ['conflict', 'This cluster is archived. Choose another one.'],
  preset_not_found: ['not_found', 'This preset does not exist in this cluster.'],
  preset_taken: ['conflict', 'Another preset of this cluster has this key. Choose a different one.'],
  too_many_presets: ['conflict', 'A cluster can have at most 100 presets. Remove one first.'],
});

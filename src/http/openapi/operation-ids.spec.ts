import { operationIds } from './operation-ids.js';

describe('operationIds', () => {
  it('takes names that say what they do, and adds the noun to bare verbs', () => {
    expect(operationIds(['OrganizationsController.list', 'InvitationsController.resendInvitation'])).toEqual([
      'listOrganizations',
      'resendInvitation',
    ]);
  });

  it('tells two of one name apart by their controllers', () => {
    expect(operationIds(['OperatorBrandingController.readBranding', 'UnitBrandingController.readBranding'])).toEqual([
      'operatorBrandingReadBranding',
      'unitBrandingReadBranding',
    ]);
  });

  it('counts the paths of one method', () => {
    expect(operationIds(['LogoController.readLogo', 'LogoController.readLogo'])).toEqual(['readLogo', 'readLogo2']);
  });
});

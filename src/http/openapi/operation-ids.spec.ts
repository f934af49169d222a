import { operationIds } from './operation-ids.js';

describe('operationIds', () => {
  it('keeps names that say what they do, and adds the noun to bare verbs', () => {
    expect(operationIds(['OrganizationsController.list', 'InvitationsController.resendInvitation'])).toEqual([
      'listOrganizations',
      'resendInvitation',
    ]);
  });

  it('keeps names that were given by hand', () => {
    expect(operationIds(['login', 'AuthController.refresh'])).toEqual(['login', 'refreshAuth']);
  });

  it('tells two of one name apart by their controllers', () => {
    expect(operationIds(['OperatorBrandingController.readBranding', 'UnitBrandingController.readBranding'])).toEqual([
      'operatorBrandingReadBranding',
      'unitBrandingReadBranding',
    ]);
  });

  it('refuses two of one name', () => {
    expect(() => operationIds(['login', 'login'])).toThrow('login');
  });
});

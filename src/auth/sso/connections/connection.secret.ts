export const CLIENT_SECRET_PURPOSE = 'sso-client-secret';

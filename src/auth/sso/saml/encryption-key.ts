import { KeyObject } from 'node:crypto';

/** How long the certificate names itself valid. Providers do not check it, and a new key replaces it at any time. */
const YEARS = 20;
const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};

/** What an identity provider encrypts assertions for. Both as PEM. */
export interface EncryptionKey {
  certificate: string;
  privateKey: string;
}

/** Makes a key with a certificate, which is the form in which SAML metadata publish keys. */
export async function newEncryptionKey(): Promise<EncryptionKey> {
  // It takes longer to load than to use.
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const now = new Date();
  const end = new Date(now);
  end.setUTCFullYear(end.getUTCFullYear() + YEARS);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Trellis',
    notBefore: now,
    notAfter: end,
    keys,
    signingAlgorithm: ALGORITHM,
  });
  return {
    certificate: certificate.toString('pem'),
    privateKey: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

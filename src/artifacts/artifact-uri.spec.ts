import { isArtifactUri } from './artifact-uri.js';

describe('the address of an artifact', () => {
  it.each([
    'https://files.example.com/model.onnx',
    'https://files.example.com:8443/model.onnx?version=3#part',
    's3://models/churn/12/model.onnx',
    'gs://models/churn',
    'registry://ghcr.io/northwind/churn:1.2',
    'registry://ghcr.io/northwind/churn@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  ])('accepts %s', (uri) => expect(isArtifactUri(uri)).toBe(true));

  it.each([
    'http://files.example.com/model.onnx',
    'javascript:alert(1)',
    'javascript://files.example.com/%0aalert(1)',
    'data:text/html,hello',
    'file:///etc/passwd',
    'https:files.example.com',
    'https:///model.onnx',
    's3://',
    's3:models',
    'https://user:secret@files.example.com/model.onnx',
    's3://key:secret@models/churn',
    'https://files.example.com/a model',
    'https://files.example.com/a\nb',
    ' s3://models/churn',
    '',
    42,
    null,
    `s3://models/${'x'.repeat(2000)}`,
  ])('refuses %j', (uri) => expect(isArtifactUri(uri)).toBe(false));
});

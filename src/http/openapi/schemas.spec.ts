import type { OpenAPIObject } from '@nestjs/swagger';
import { assertDistinctNames, closeRequestSchemas, useNullTypes } from './schemas.js';

const documentOf = (schemas: object, paths: object = {}) =>
  ({ openapi: '3.1.0', info: { title: '', version: '' }, paths, components: { schemas } }) as OpenAPIObject;

it('refuses two documented classes of one name, and says which', () => {
  const document = documentOf({ GrantView: { type: 'object' } });
  expect(() => assertDistinctNames(document, ['GrantView', 'NotDocumented'])).toThrow(/rename .*: GrantView$/);
  expect(() => assertDistinctNames(document, ['NotDocumented'])).not.toThrow();
});

it('says null as OpenAPI 3.1 does', () => {
  const $ref = '#/components/schemas/Role';
  const document = documentOf({
    View: {
      properties: {
        text: { type: 'string', nullable: true },
        word: { type: 'string', enum: ['a'], nullable: true },
        role: { allOf: [{ $ref }], description: 'x', nullable: true },
        sure: { allOf: [{ $ref }], description: 'x' },
      },
    },
  });
  useNullTypes(document);
  expect(document.components?.schemas?.View).toEqual({
    properties: {
      text: { type: ['string', 'null'] },
      word: { type: ['string', 'null'], enum: ['a', null] },
      role: { anyOf: [{ $ref }, { type: 'null' }], description: 'x' },
      sure: { $ref, description: 'x' },
    },
  });
});

it('closes what requests are made of, and leaves responses open', () => {
  const body = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Create' } } } };
  const document = documentOf(
    {
      Create: { type: 'object', properties: { inner: { $ref: '#/components/schemas/Inner' } } },
      Inner: { type: 'object' },
      Free: { type: 'object', additionalProperties: true },
      View: { type: 'object' },
    },
    { '/things': { post: { requestBody: body } } },
  );
  closeRequestSchemas(document);
  expect(document.components?.schemas).toMatchObject({
    Create: { additionalProperties: false },
    Inner: { additionalProperties: false },
    Free: { additionalProperties: true },
  });
  expect(document.components?.schemas?.View).toEqual({ type: 'object' });
});

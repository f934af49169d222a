import type { DocumentContent } from './document.js';
import { DocumentRenderer } from './document-renderer.service.js';

const titled = (title: string) => ({ title }) as DocumentContent;

function startRenderer() {
  const renderer = new DocumentRenderer();
  const rendered: string[] = [];
  const run = ({ title }: DocumentContent) => {
    rendered.push(title);
    return title === 'broken' ? Promise.reject(new Error('broken')) : Promise.resolve(Buffer.from(title));
  };
  Object.assign(renderer, { pool: { run, destroy: () => Promise.resolve() } });
  return { renderer, rendered };
}

it('renders for organizations in turn, however much one of them asks for', async () => {
  const { renderer, rendered } = startRenderer();
  const many = Array.from({ length: 20 }, (_, index) => renderer.pdf('many', titled(`many ${index}`)));
  const few = [renderer.pdf('few', titled('few 0')), renderer.pdf('few', titled('few 1'))];
  expect(String(await few[0])).toBe('few 0');
  await Promise.all([...many, ...few]);
  expect(rendered.slice(0, 5)).toEqual(['many 0', 'many 1', 'few 0', 'many 2', 'few 1']);
  expect(rendered).toHaveLength(22);
});

it('goes on after a document that fails, and refuses one organization before the others', async () => {
  const { renderer } = startRenderer();
  const broken = renderer.pdf('one', titled('broken'));
  const all = Promise.allSettled(Array.from({ length: 40 }, () => renderer.pdf('one', titled('x'))));
  expect(String(await renderer.pdf('other', titled('other')))).toBe('other');
  await expect(broken).rejects.toThrow('broken');
  const refused = (await all).filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(8);
  expect(refused[0]).toMatchObject({ reason: { code: 'unavailable' } });
  expect(String(await renderer.pdf('one', titled('again')))).toBe('again');
});

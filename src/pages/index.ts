export { ForPeople } from './for-people.decorator.js';
export { FormBody } from './form-body.js';
export { type Choice, type Page, sendPage } from './page.js';
export { pageLook, PageLooks } from './page-look.js';
export { PageModule } from './page.module.js';

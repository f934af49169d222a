export { HtmlPage } from './html-page.decorator.js';
export { mailedLinkController } from './mailed-link.page.js';
export { type Page, type PageButton, type PageInput, sendPage } from './page.js';
export { nextLink } from './next-link.js';
export { PageContextInterceptor, pageOperator, type PageTheme, pageTheme, themeOfRequest } from './page-context.js';
export { sendRefusalPage } from './page.filter.js';
export { PageModule } from './page.module.js';

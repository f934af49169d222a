import { defineErrors } from '../../common/errors/index.js';

export const brandingErrors = defineErrors('branding', {
  locked: ['conflict', 'A level above locks this field, so it cannot be changed here.'],
  logo_too_large: ['too_large', 'A logo can have at most 512 KiB. Upload a smaller file.'],
  logo_invalid: ['unprocessable', 'This file cannot be used as a logo. Upload a PNG, JPEG, WebP or SVG image.'],
});

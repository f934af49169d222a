import { defineErrors } from '../../common/errors/index.js';

export const brandingErrors = defineErrors('branding', {
  locked: ['conflict', 'A level above locks this field.'],
  logo_too_large: ['too_large', 'A logo has at most 512 KiB.'],
  logo_invalid: ['unprocessable', 'This is not a PNG, JPEG, WebP or SVG image that can be used as a logo.'],
});

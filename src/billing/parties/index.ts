export { PartyModule } from './party.module.js';
export { type BillingDetailsView, toBillingDetailsView } from './billing-details.dto.js';
export { PartyView } from './party.dto.js';
export { partyOf } from './party.document.js';
export { PartyService } from './party.service.js';
export { PartyStore } from './party.store.js';
export { type SellerView, toSellerView } from './seller.dto.js';
export { includedTax, toRate } from './tax.js';

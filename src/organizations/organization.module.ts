import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { MailModule } from '../mail/index.js';
import { UserModule } from '../users/index.js';
import { InvitationAnswers } from './invitations/invitation-answers.js';
import { InvitationRevocation } from './invitations/invitation-revocation.js';
import { InvitationController } from './invitations/invitation.controller.js';
import { Invitations } from './invitations/invitation.service.js';
import { InvitationStore } from './invitations/invitation.store.js';
import {
  AccountOrganizationController,
  OrganizationMemberController,
} from './members/organization-member.controller.js';
import { OrganizationMembers } from './members/organization-member.service.js';
import { OrganizationMemberStore } from './members/organization-member.store.js';
import { OrganizationController } from './organization.controller.js';
import { Organizations } from './organization.service.js';
import { OrganizationStore } from './organization.store.js';

@Module({
  imports: [EventModule, MailModule, UserModule],
  controllers: [
    OrganizationController,
    OrganizationMemberController,
    AccountOrganizationController,
    InvitationController,
  ],
  providers: [
    Organizations,
    OrganizationStore,
    OrganizationMembers,
    OrganizationMemberStore,
    Invitations,
    InvitationAnswers,
    InvitationRevocation,
    InvitationStore,
  ],
  exports: [Organizations, OrganizationMembers, InvitationAnswers],
})
export class OrganizationModule {}

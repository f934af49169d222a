import { Module } from '@nestjs/common';
import { RunModule } from '../billing/runs/index.js';
import { EventModule } from '../events/index.js';
import { UnitModule } from '../units/index.js';
import { ArtifactController } from './artifact.controller.js';
import { ArtifactService } from './artifact.service.js';
import { ArtifactStore } from './artifact.store.js';

@Module({
  imports: [EventModule, UnitModule, RunModule],
  controllers: [ArtifactController],
  providers: [ArtifactStore, ArtifactService],
  exports: [ArtifactService],
})
export class ArtifactModule {}

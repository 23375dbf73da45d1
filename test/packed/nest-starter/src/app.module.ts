import { HallpassModule } from '@hallpass/nestjs'
import { createSqliteStore } from '@hallpass/store-sqlite'
import { Module } from '@nestjs/common'
import { ReportsController } from './reports.controller'
import { ReportsService } from './reports.service'

@Module({
  imports: [
    HallpassModule.forRootAsync({
      useFactory: async () => ({
        issuer: 'https://reports.example',
        store: await createSqliteStore(process.env.DATABASE ?? 'tokens.sqlite'),
        keys: { masterSecret: 'A'.repeat(43) },
      }),
    }),
  ],
  controllers: [ReportsController],
  providers: [ReportsService],
})
export class AppModule {}

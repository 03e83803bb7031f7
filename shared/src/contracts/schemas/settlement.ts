import { example } from './examples.ts'

/** The header and one claim of an export. */
export const exampleExport = '\uFEFFclaimId,eventId,eventName,userId,period,status,code,createdAt,grantedAt,' +
  'grantedLocal,timeZone,rewardId,type,name,amount,currency,itemId,couponCode,delivery,lastBy,lastNote\r\n' +
  `${example.claimId},${example.eventId},Welcome,${example.userId},EVENT,GRANTED,,2026-11-21T03:00:00.000Z,` +
  `2026-11-21T03:00:00.000Z,2026-11-21 12:00:00,Asia/Seoul,${example.rewardId},POINT,500 points,500,,,,PENDING,` +
  `${example.userId},\r\n`

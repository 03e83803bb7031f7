import 'reflect-metadata'
import { Controller, ForbiddenException, Get, Module, Req, UnauthorizedException, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import axios from 'axios'
import { Agent } from 'node:http'
import { readToken } from './token.js'

// Decorators are called as functions, because this file is not compiled.
const httpAgent = new Agent({ keepAlive: true, maxSockets: 128 })
const upstream = axios.create({ baseURL: process.env.UPSTREAM_URL, httpAgent })
const roles = ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN']

class TokenGuard {
  canActivate (context) {
    try {
      const request = context.switchToHttp().getRequest()
      request.user = readToken(request)
      if (roles.includes(request.user.role)) return true
    } catch {
      throw new UnauthorizedException()
    }
    throw new ForbiddenException()
  }
}

class EventsController {
  async list (request) {
    const { data } = await upstream.get(request.url, { headers: { authorization: request.headers.authorization } })
    return data
  }
}
Controller('v1/events')(EventsController)
const { prototype } = EventsController
Get()(prototype, 'list', Object.getOwnPropertyDescriptor(prototype, 'list'))
Req()(prototype, 'list', 0)
UseGuards(TokenGuard)(prototype, 'list', Object.getOwnPropertyDescriptor(prototype, 'list'))

class AppModule {}
Module({ controllers: [EventsController] })(AppModule)

const app = await NestFactory.create(AppModule, { logger: false })
await app.listen(Number(process.env.PORT), '127.0.0.1')

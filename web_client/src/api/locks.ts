import type { Client } from 'openapi-fetch'
import { answer } from './answer'
import type { LockRule, paths } from './types'

type Json = Record<string, unknown>

/** Logging in by other ways than the password alone, one's own locks, and those of others. */
export function locksApi(http: Client<paths>) {
  const person = (person_id: string) => ({ params: { path: { person_id } }, body: {} })
  const provider = (name: string, password: string) => ({
    params: { path: { provider: name } },
    body: { password },
  })

  return {
    waysToLogIn: () => answer(http.GET('/api/log-in/ways')),
    secondStep: (ticket: string, code: string, trust: boolean) =>
      answer(http.POST('/api/log-in/second', { body: { ticket, code, trust } })),
    logInWithPaper: (login: string, code: string, password: string) =>
      answer(http.POST('/api/log-in/paper', { body: { login, code, password } })),

    offerPasskeyLogIn: () => answer(http.POST('/api/log-in/passkey/offer', { body: {} })),
    logInWithPasskey: (ticket: string, credential: Json) =>
      answer(http.POST('/api/log-in/passkey', { body: { ticket, credential } })),
    recover: (login: string) => answer(http.POST('/api/log-in/recover', { body: { login } })),

    locks: () => answer(http.GET('/api/me/locks')),
    changePassword: (old: string, fresh: string) =>
      answer(http.POST('/api/me/password', { body: { old, new: fresh } })),
    offerTotp: (password: string) =>
      answer(http.POST('/api/me/totp/offer', { body: { password } })),
    setUpTotp: (ticket: string, code: string) =>
      answer(http.POST('/api/me/totp', { body: { ticket, code } })),
    offerPasskey: (password: string) =>
      answer(http.POST('/api/me/passkeys/offer', { body: { password } })),
    addPasskey: (ticket: string, credential: Json, name: string) =>
      answer(http.POST('/api/me/passkeys', { body: { ticket, credential, name } })),
    newRecoveryCodes: (password: string) =>
      answer(http.POST('/api/me/recovery-codes', { body: { password } })),
    removeFactor: (factor_id: string, password: string) =>
      answer(
        http.POST('/api/me/factors/{factor_id}/remove', {
          params: { path: { factor_id } },
          body: { password },
        }),
      ),
    endLogin: (login_id: string) =>
      answer(
        http.POST('/api/me/logins/{login_id}/end', { params: { path: { login_id } }, body: {} }),
      ),
    endOtherLogins: () => answer(http.POST('/api/me/logins/end-others', { body: {} })),
    forgetDevice: (device_id: string) =>
      answer(
        http.POST('/api/me/devices/{device_id}/forget', {
          params: { path: { device_id } },
          body: {},
        }),
      ),
    setMail: (password: string, address: string) =>
      answer(http.POST('/api/me/mail', { body: { password, address } })),
    confirmMail: (code: string) => answer(http.POST('/api/me/mail/confirm', { body: { code } })),
    removeMail: (password: string) =>
      answer(http.POST('/api/me/mail/remove', { body: { password } })),
    myData: () => answer(http.GET('/api/me/data')),
    myServices: () => answer(http.GET('/api/me/oidc')),
    linkService: (name: string, password: string) =>
      answer(http.POST('/api/me/oidc/{provider}/link', provider(name, password))),
    unlinkService: (name: string, password: string) =>
      answer(http.POST('/api/me/oidc/{provider}/unlink', provider(name, password))),

    myLearners: () => answer(http.GET('/api/me/learners')),
    makePaperCode: (person_id: string) =>
      answer(http.POST('/api/people/{person_id}/paper-code', person(person_id))),
    invite: (person_id: string, address: string | null) =>
      answer(
        http.POST('/api/people/{person_id}/invite', {
          params: { path: { person_id } },
          body: { address },
        }),
      ),
    removeFactorsOf: (person_id: string) =>
      answer(http.POST('/api/people/{person_id}/factors/remove', person(person_id))),
    dataOf: (person_id: string) =>
      answer(http.GET('/api/people/{person_id}/data', { params: { path: { person_id } } })),
    erasePerson: (person_id: string) =>
      answer(http.POST('/api/people/{person_id}/erase', person(person_id))),
    setLockRule: (organisation_id: string, second_factor: LockRule) =>
      answer(
        http.PUT('/api/organisations/{organisation_id}/locks', {
          params: { path: { organisation_id } },
          body: { second_factor },
        }),
      ),
    audit: (
      organisation_id: string,
      query: { before?: string; what?: string; person?: string },
    ) =>
      answer(
        http.GET('/api/organisations/{organisation_id}/audit', {
          params: { path: { organisation_id }, query },
        }),
      ),
  }
}

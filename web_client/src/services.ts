import { createContext, useContext } from 'react'
import { type Api, createApi } from './api/client'
import { Link } from './api/link'
import { type Clock, systemClock } from './base/clock'
import { Entrance } from './features/entrance/model'
import { windowWaking } from './features/reminders/push'
import { Preferences } from './features/settings/model'

/** What lives as long as the page does. */
export interface Services {
  api: Api
  link: Link
  clock: Clock
  entrance: Entrance
  preferences: Preferences
}

/** A moment before asking who we are, so that a server that sends us away is not asked in a circle. */
const DOUBT = 1_000
/** Longer where it did not answer. */
const SILENCE = 5_000

export function createServices(): Services {
  const api = createApi(
    undefined,
    undefined,
    (error) => entrance.refused(error),
    (date) => systemClock.heard(date),
  )
  const link = new Link()
  const entrance: Entrance = new Entrance(api)
  const ask = async () => {
    const answered = await entrance.look()
    if (!answered) systemClock.after(SILENCE, () => void ask())
    else if (entrance.presence.get().phase === 'in') link.reconnect()
  }
  link.onDismissed(() => systemClock.after(DOUBT, () => void ask()))
  let who = ''
  entrance.presence.watch(() => {
    const presence = entrance.presence.get()
    const now = presence.phase === 'in' ? presence.me.id : ''
    if (presence.phase === 'out') void windowWaking.sleep()
    if (who && who !== now) link.close()
    who = now
  })
  return { api, link, clock: systemClock, entrance, preferences: new Preferences(localStorage) }
}

export const ServicesContext = createContext<Services | null>(null)

export function useServices(): Services {
  const services = useContext(ServicesContext)
  if (!services) throw new Error('no services above this component')
  return services
}

import { createContext, useContext } from 'react'
import { type Api, createApi } from './api/client'
import { Link } from './api/link'
import { type Clock, systemClock } from './base/clock'
import { Entrance } from './features/entrance/model'
import { Preferences } from './features/settings/model'

/** What lives as long as the page does. */
export interface Services {
  api: Api
  link: Link
  clock: Clock
  entrance: Entrance
  preferences: Preferences
}

export function createServices(): Services {
  const api = createApi()
  return {
    api,
    link: new Link(),
    clock: systemClock,
    entrance: new Entrance(api),
    preferences: new Preferences(localStorage),
  }
}

export const ServicesContext = createContext<Services | null>(null)

export function useServices(): Services {
  const services = useContext(ServicesContext)
  if (!services) throw new Error('no services above this component')
  return services
}

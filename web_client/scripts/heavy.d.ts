import type { Plugin } from 'vite'

export function besideThePages(): Plugin
export function isHeavy(modules: readonly string[]): boolean
export function lettersOfFormulas(): Plugin

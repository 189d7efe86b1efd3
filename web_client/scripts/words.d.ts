import type { Plugin } from 'vite'

export const OF_LESSON: Set<string>
export const LATER: Set<string>
export function wordsInParts(): Plugin

import type { Plugin } from 'vite'

export const OF_LESSON: Set<string>
export function wordsInParts(): Plugin

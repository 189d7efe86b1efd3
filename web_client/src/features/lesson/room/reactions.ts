/** How each reaction looks; its word is `room.reaction.<kind>`. */
export const FACES: Readonly<Record<string, string>> = {
  thumbs_up: '👍',
  thumbs_down: '👎',
  clap: '👏',
  heart: '❤️',
  laugh: '😄',
  wonder: '😮',
  party: '🎉',
  slower: '🐢',
  faster: '🐇',
}

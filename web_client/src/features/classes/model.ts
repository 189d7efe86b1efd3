/** The grade a class's name begins with: `7` of `7 «А»`; empty when it begins with none. */
export function gradeIn(name: string): string {
  return /^\s*(\d{1,2})/.exec(name)?.[1] ?? ''
}

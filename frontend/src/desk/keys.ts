// One key per move. J and K go through the list, so no move has them; moves that are never offered together may share.
export const MOVE_KEYS: Readonly<Record<string, string>> = {
  file: 'F',
  reject: 'X',
  ask_check: 'Q',
  verify_report: 'V',
  handle_on_spot: 'O',
  dispatch: 'D',
  add_unit: 'U',
  whistle: 'W',
  accept: 'A',
  arrive: 'R',
  sign_in: '1',
  return: 'B',
  hand_in: 'H',
  co_accept: 'A',
  co_return: 'B',
  co_hand_in: 'H',
  pass_check: 'P',
  fail_check: 'N',
  close: 'C',
  close_with_code: 'E',
  void: 'Z',
  reopen: 'G',
  pass_up: 'L',
  pass_down: 'M',
  suspend: 'S',
  resume: 'Y',
  extend: 'T',
  exempt: 'I',
  hand_over: '2',
  reclassify: '4',
  rate: '3',
  remind: '4',
  supervise: '5',
}

/** Where letters are text, keys are not ours. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement)
    return !['button', 'submit', 'checkbox', 'file'].includes(target.type)
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

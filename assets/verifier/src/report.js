// What a check answers, and the verdict that the checks make.
export const ok = (name, detail) => ({ name, result: 'ok', detail });
export const failed = (name, detail) => ({ name, result: 'failed', detail });
export const absent = (name, detail) => ({ name, result: 'absent', detail });

export const RECEIPT = ['leaf', 'parts', 'documents', 'inclusion', 'checkpoint', 'continuity', 'witnesses', 'timestamp', 'seal', 'assertion'];
export const DOSSIER = ['bag', 'index', 'history', 'leaf', 'parts', 'documents', 'inclusion', 'checkpoint', 'continuity', 'witnesses', 'timestamp', 'receipts', 'assertion'];

// Failed when a check failed; ok only when there is a policy and everything that is demanded is ok.
export function verdict(checks, demanded, policy) {
  if (checks.some((check) => check.result === 'failed')) return 'failed';
  const met = demanded.every((name) => checks.find((check) => check.name === name)?.result === 'ok');
  return policy && met ? 'ok' : 'incomplete';
}

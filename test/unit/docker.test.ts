import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

// The images themselves are built where there is Docker (test/docker); this is seen everywhere.
test('.dockerignore lets through what the Dockerfile copies, and nothing else', () => {
  const dockerfile = readFileSync('docker/Dockerfile', 'utf8');
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, words = '']) =>
    words.split(' ').slice(0, -1),
  );
  const lines = readFileSync('.dockerignore', 'utf8').split('\n');
  const through = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  expect(copied.length).toBeGreaterThan(5);
  expect(through.toSorted()).toEqual(copied.toSorted());
});

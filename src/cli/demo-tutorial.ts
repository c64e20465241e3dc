// Deploys the tutorial's first app, as a person would: by POST to Marathon.

import { request } from 'node:http';
import { StartError } from './start-error.ts';

/** Posts an app definition; throws StartError when Marathon does not take it. */
export function deployTutorial(marathon: string, definition: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(definition),
    };
    const post = request(`${marathon}/v2/apps`, { method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => {
        if (response.statusCode === 201) resolve();
        else reject(new StartError(`the embedded Marathon refused the app: ${text}`));
      });
    });
    post.on('error', (error) => reject(new StartError(`no embedded Marathon: ${error.message}`)));
    post.end(definition);
  });
}

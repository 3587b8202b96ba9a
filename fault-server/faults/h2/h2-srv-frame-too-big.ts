import { settings } from '../../../protos/h2/constants.ts';
import { encodeData } from '../../../protos/h2/frames.ts';
import { h2Fault, okFields } from '../../raw-h2/h2-fault.ts';

export const h2SrvFrameTooBig = h2Fault({
  id: 'h2-srv-frame-too-big',
  layer: 'h2',
  summary: 'Sends a DATA frame larger than SETTINGS_MAX_FRAME_SIZE.',
  peerMustSee: 'A FRAME_SIZE_ERROR; never a complete answer.',
  spec: 'RFC 9113 4.2',
  answer: (answer) => {
    const { peer, request } = answer;
    const most = peer.peerSettings.get(settings.MAX_FRAME_SIZE) ?? 16_384;
    peer.headers(request.id, okFields([]));
    answer.fired(`DATA of ${most + 1} bytes, most is ${most}`);
    peer.send(encodeData(request.id, Buffer.alloc(most + 1), { endStream: true }));
    peer.finished(request.id);
  },
});

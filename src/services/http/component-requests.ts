import { findComponent } from '../../runtime/inspect.ts';
import type { InnerModule } from '../../runtime/node.ts';
import type { ApiRequest, ApiResponse } from './api-message.ts';

/**
 * Lets a component answer. The path is its global ID, then what is asked of it; both may have slashes, and no ID begins
 * with another and a slash unless that is the module around it. Undefined if nothing there answers requests.
 */
export function askComponent(root: InnerModule, request: ApiRequest, path: string): Promise<ApiResponse> | undefined {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const found = findComponent(root, path.slice(0, end));
    if (found !== undefined) return found.vertex.node.handle?.({ ...request, path: path.slice(end + 1) });
  }
  return undefined;
}

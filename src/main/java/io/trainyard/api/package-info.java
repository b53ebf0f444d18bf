/**
 * The only HTTP: paths, status codes and media types exist here and in the folders below, one for
 * each resource. This folder holds what the controllers share: problems, paging, bodies, entity
 * tags. It must not know SQL, files or native code. Start at {@link
 * io.trainyard.api.ProblemAdvice}, the only place that turns a failure into an answer.
 */
@NullMarked
package io.trainyard.api;

import org.jspecify.annotations.NullMarked;

/**
 * The only HTTP: paths, status codes and media types exist here and in the folders below, one for
 * each resource. This folder holds what the controllers share: problems, paging, bodies, entity
 * tags and the OpenAPI document. It must not know SQL, files or native code. Start at {@link
 * io.trainyard.api.ProblemAdvice}, the only place that turns a failure into an answer. {@code
 * ProblemsTest}, {@code DocumentationTest} and {@code OperationsTest} test it.
 *
 * <p>Other tests: {@code TensorAnswers} in {@code VersionHttpTest}, {@code DocumentedOperations} in
 * {@code DocumentationTest}.
 */
@NullMarked
package io.trainyard.api;

import org.jspecify.annotations.NullMarked;

/**
 * Models, versions and aliases over HTTP, with validation, conversion and import. Holds views and
 * paths only; the rules are in {@code model}. Start at {@link
 * io.trainyard.api.model.ModelController}. {@code VersionHttpTest}, {@code AliasHttpTest}, {@code
 * ValidateTest}, {@code MatlabHttpTest} and {@code NestedModelsHttpTest} test it.
 *
 * <p>Other tests: {@code WeightController} in {@code WeightExchangeTest}, {@code VersionView} in
 * {@code VersionHttpTest}.
 */
@NullMarked
package io.trainyard.api.model;

import org.jspecify.annotations.NullMarked;

/**
 * Models, their versions and aliases, and the import of versions. The ports {@code ModelCatalogue},
 * {@code VersionStore}, {@code AliasStore}, {@code WeightStore} and {@code ModelHolds} are
 * implemented in {@code store.model}. Must not know SQL, HTTP or native code. Start with {@link
 * io.trainyard.model.VersionResolver}, then {@link io.trainyard.model.ModelVersion}. The tests of
 * {@code store.model} cover the ports and VersionResolver; NestedModelsHttpTest tests NestedModels.
 *
 * <p>Other tests: {@code VersionImport} in {@code VersionHttpTest}, {@code ImportedEncoding} and
 * {@code ImportedNames} in {@code ImportHttpTest}.
 */
@NullMarked
package io.trainyard.model;

import org.jspecify.annotations.NullMarked;

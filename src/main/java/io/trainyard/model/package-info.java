/**
 * Models, their versions and aliases, and the import of versions. The ports {@code ModelCatalogue},
 * {@code VersionStore}, {@code AliasStore} and {@code WeightStore} are implemented in {@code
 * store.model}. Must not know SQL, HTTP or native code. Start with {@link
 * io.trainyard.model.VersionResolver}, then {@link io.trainyard.model.ModelVersion}.
 */
@NullMarked
package io.trainyard.model;

import org.jspecify.annotations.NullMarked;

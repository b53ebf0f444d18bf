/**
 * Strict reading of JSON: a parser that refuses what RFC 8259 leaves open, and objects whose faults
 * have JSON pointers. Knows nothing about models, data or HTTP. Start at {@link
 * io.trainyard.json.JsonObject}. Tests: {@code StrictJsonTest} for the parser; {@code
 * HostileSpecTest} and {@code SpecReaderTest} for objects.
 */
@NullMarked
package io.trainyard.json;

import org.jspecify.annotations.NullMarked;

/**
 * Strict reading of JSON: a parser that refuses what RFC 8259 leaves open, objects whose faults
 * have JSON pointers, and decimal numbers for readers that parse bytes themselves. Knows nothing
 * about models, data or HTTP. Start at {@link io.trainyard.json.JsonObject}.
 */
@NullMarked
package io.trainyard.json;

import org.jspecify.annotations.NullMarked;

/**
 * Strict reading of JSON: a parser that refuses what RFC 8259 leaves open, objects whose faults
 * have JSON pointers, and decimal numbers for readers that parse bytes themselves. Knows nothing
 * about models, data or HTTP. Start at {@link io.trainyard.json.JsonObject}. Tests: {@code
 * StrictJsonTest}, {@code DecimalNumberTest}; {@code PredictFuzzHttpTest} for {@code JsonStream};
 * {@code HostileSpecTest} and {@code SpecReaderTest} for objects; {@code NameAdviceTest} for {@code
 * NameAdvice} and {@code ForeignNames}.
 */
@NullMarked
package io.trainyard.json;

import org.jspecify.annotations.NullMarked;

package io.trainyard.spec.check;

/**
 * Something that can be trained and will likely disappoint.
 *
 * @param pointer the place as a JSON pointer into the body
 * @param code stable, lower case, for programs
 * @param detail what is odd and what to write instead
 */
public record Warning(String pointer, String code, String detail) {}

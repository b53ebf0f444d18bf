package io.trainyard.spec.check;

/**
 * Something that can be trained but is probably a mistake.
 *
 * @param pointer a JSON pointer into the body
 * @param code a stable name in lower case, for programs
 * @param detail what is wrong, and what to do instead
 */
public record Warning(String pointer, String code, String detail) {}

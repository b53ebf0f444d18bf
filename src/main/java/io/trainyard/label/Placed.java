package io.trainyard.label;

/**
 * A thing in a list.
 *
 * @param cursor tells the next page where this one ended
 */
public record Placed<T>(T item, String cursor) {}

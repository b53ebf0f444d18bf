package io.trainyard.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;

/**
 * A body that stays the same, as it is and packed once for all who unpack it.
 *
 * @param plain as it is
 * @param gzip the same, packed
 */
@SuppressWarnings("ArrayRecordComponent")
public record PackedContent(byte[] plain, byte[] gzip) {
  private static final Pattern COMMA = Pattern.compile(",");

  /** With a weight of 0 it is refused (RFC 9110, 12.4.2). */
  private static final Pattern GZIP =
      Pattern.compile("gzip(\\s*;\\s*q=[0.]*[1-9][0-9]*)?", Pattern.CASE_INSENSITIVE);

  public static PackedContent of(byte[] plain) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory has no faults
    }
    return new PackedContent(plain, packed.toByteArray());
  }

  /**
   * The answer to a request.
   *
   * @param encodings its lines {@code Accept-Encoding}, which are one list
   */
  public ResponseEntity<byte[]> answer(
      ResponseEntity.BodyBuilder answer, Collection<String> encodings) {
    var _ = answer.varyBy(HttpHeaders.ACCEPT_ENCODING);
    return encodings.stream()
            .flatMap(COMMA::splitAsStream)
            .anyMatch(encoding -> GZIP.matcher(encoding.strip()).matches())
        ? answer.header(HttpHeaders.CONTENT_ENCODING, "gzip").body(gzip)
        : answer.body(plain);
  }
}

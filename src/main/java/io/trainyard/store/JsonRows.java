package io.trainyard.store;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.spec.StrictJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/** The rows of a JSON array or of NDJSON, one at a time, each with its line. */
final class JsonRows {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_LINE = 64 << 20;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxDocumentLength(-1)
                          .build())
                  .build())
          .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final ObjectReader ONE =
      MAPPER.reader(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private JsonRows() {}

  /** Takes a row, or what is wrong with its text. */
  interface Visitor {
    void row(long index, long line, @Nullable JsonNode row, @Nullable String fault);
  }

  /** An array of objects: what is not JSON ends the reading, whatever the options say. */
  static void readArray(Path file, Visitor visitor) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        JsonParser parser = MAPPER.createParser(in)) {
      if (parser.nextToken() == null) {
        throw refused(ErrorCode.INVALID_ROWS, "The file is empty");
      }
      if (parser.currentToken() != JsonToken.START_ARRAY) {
        throw refused(ErrorCode.INVALID_ROWS, "A list of objects was expected");
      }
      long index = 0;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        long line = parser.currentTokenLocation().getLineNr();
        visitor.row(index++, line, MAPPER.readTree(parser), null);
      }
      if (parser.nextToken() != null) {
        throw refused(ErrorCode.MALFORMED_BODY, "Something follows the list");
      }
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String place =
          at == null ? "" : "Line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ";
      throw refused(ErrorCode.MALFORMED_BODY, place + reason(e));
    }
  }

  /** One object a line; blank lines are no rows. */
  static void readLines(Path file, Visitor visitor) throws IOException {
    var decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file), StandardCharsets.ISO_8859_1),
            1 << 16)) {
      long index = 0;
      long line = 0;
      for (String raw = next(reader, line + 1); raw != null; raw = next(reader, line + 1)) {
        line++;
        byte[] bytes = raw.getBytes(StandardCharsets.ISO_8859_1);
        String text;
        try {
          text = decoder.reset().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
          visitor.row(index++, line, null, "The bytes are not UTF-8");
          continue;
        }
        if (line == 1 && text.startsWith("\uFEFF")) {
          text = text.substring(1);
        }
        if (text.isBlank()) {
          continue;
        }
        try {
          visitor.row(index, line, ONE.readTree(text), null);
        } catch (JacksonException e) {
          visitor.row(index, line, null, "The line is not JSON: " + reason(e));
        }
        index++;
      }
    }
  }

  /** A bounded readLine: a file without line ends must not fill the heap. */
  private static @Nullable String next(BufferedReader reader, long line) throws IOException {
    StringBuilder text = new StringBuilder();
    int c = reader.read();
    if (c < 0) {
      return null;
    }
    while (c >= 0 && c != '\n') {
      if (text.length() >= MAX_LINE) {
        throw refused(
            ErrorCode.INVALID_ROWS,
            "Line " + line + " is longer than " + (MAX_LINE >> 20) + " MiB");
      }
      text.append((char) c);
      c = reader.read();
    }
    return text.toString();
  }

  private static String reason(JacksonException e) {
    return StrictJson.reason(e);
  }

  private static ServiceException refused(ErrorCode code, String detail) {
    return new ServiceException(code, detail, List.of(new Violation("", detail)));
  }
}

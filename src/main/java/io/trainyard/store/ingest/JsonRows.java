package io.trainyard.store.ingest;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.json.StrictJson;
import io.trainyard.store.duckdb.RunningTask;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
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

/** Reads the rows of a JSON array or of NDJSON one by one, each with its line. */
final class JsonRows {
  private static final int MAX_DEPTH = 64;

  /** A row is in memory as a whole while it is read, so its length is limited. */
  private static final int MAX_ROW = 16 << 20;

  private static final int BUFFER = 1 << 16;

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

  /** Receives a row, or what is wrong with its text. */
  interface Visitor {
    void row(long index, long line, @Nullable JsonNode row, @Nullable String fault);
  }

  /** Reads an array of objects; a syntax error refuses the file, whatever the options say. */
  static void readArray(Path file, Visitor visitor) throws IOException {
    try (BoundedRows in = new BoundedRows(Files.newInputStream(file));
        JsonParser parser = MAPPER.createParser(in)) {
      if (parser.nextToken() == null) {
        throw ServiceException.invalidRows("The file is empty");
      }
      if (parser.currentToken() != JsonToken.START_ARRAY) {
        throw ServiceException.invalidRows("A list of objects was expected");
      }
      long index = 0;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        long line = parser.currentTokenLocation().getLineNr();
        in.beginRow(index);
        RunningTask.checkCancelled();
        visitor.row(index++, line, MAPPER.readTree(parser), null);
      }
      if (parser.nextToken() != null) {
        throw malformed("There is text behind the list");
      }
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String place =
          at == null ? "" : "Line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ";
      throw malformed(place + reason(e));
    }
  }

  /** Limits the length of each row of an array, including the space before it. */
  private static final class BoundedRows extends FilterInputStream {
    private long left = MAX_ROW;
    private long row = 1;

    BoundedRows(InputStream in) {
      super(in);
    }

    void beginRow(long index) {
      left = MAX_ROW;
      row = index + 1;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int count = super.read(bytes, from, length);
      left -= Math.max(count, 0);
      if (left < 0) {
        throw tooLong("Row " + row);
      }
      return count;
    }
  }

  private static ServiceException tooLong(String place) {
    return ServiceException.invalidRows(place + " is longer than " + (MAX_ROW >> 20) + " MiB");
  }

  /** Reads one object per line; blank lines are no rows. */
  static void readLines(Path file, Visitor visitor) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[BUFFER];
      ByteArrayOutputStream partial = new ByteArrayOutputStream();
      Lines lines = new Lines(visitor);
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        RunningTask.checkCancelled();
        int from = 0;
        for (int i = 0; i < count; i++) {
          if (buffer[i] == '\n') {
            partial.write(buffer, from, i - from);
            lines.accept(partial.toByteArray());
            partial.reset();
            from = i + 1;
          }
        }
        partial.write(buffer, from, count - from);
        if (partial.size() > MAX_ROW) {
          throw tooLong("Line " + (lines.line + 1));
        }
      }
      if (partial.size() > 0) {
        lines.accept(partial.toByteArray());
      }
    }
  }

  /** Parses lines; each is a row unless it is blank. */
  private static final class Lines {
    private final CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private final Visitor visitor;
    private long index;
    private long line;

    Lines(Visitor visitor) {
      this.visitor = visitor;
    }

    void accept(byte[] bytes) {
      line++;
      try {
        String text = isPlain(bytes) ? null : decoded(bytes);
        if (text == null ? isBlank(bytes) : text.isBlank()) {
          return;
        }
        JsonNode row = text == null ? ONE.readTree(bytes) : ONE.readTree(text);
        visitor.row(index++, line, row, null);
      } catch (CharacterCodingException e) {
        visitor.row(index++, line, null, "The bytes are not UTF-8");
      } catch (JacksonException e) {
        visitor.row(index++, line, null, "The line is not JSON: " + reason(e));
      }
    }

    /** Whether a line is ASCII without U+0000; Jackson then detects UTF-8 by itself. */
    private static boolean isPlain(byte[] bytes) {
      for (byte b : bytes) {
        if (b <= 0) {
          return false;
        }
      }
      return true;
    }

    private static boolean isBlank(byte[] bytes) {
      for (byte b : bytes) {
        if (!Character.isWhitespace(b)) {
          return false;
        }
      }
      return true;
    }

    private String decoded(byte[] bytes) throws CharacterCodingException {
      String text = decoder.reset().decode(ByteBuffer.wrap(bytes)).toString();
      return line == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
    }
  }

  private static String reason(JacksonException e) {
    return StrictJson.reason(e);
  }

  private static ServiceException malformed(String detail) {
    return new ServiceException(
        ErrorCode.MALFORMED_BODY, detail, List.of(new Violation("", detail)));
  }
}

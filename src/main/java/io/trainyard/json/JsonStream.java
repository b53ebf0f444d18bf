package io.trainyard.json;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a body token by token, as strictly as {@link StrictJson}, so that a large one needs no
 * tree. Values inside it can be read as trees of a bounded size.
 */
public final class JsonStream implements AutoCloseable {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final JsonParser parser;
  private int left;

  /** A stream before its first token. */
  public JsonStream(byte[] utf8) {
    parser = StrictJson.parser(utf8);
  }

  /**
   * The next token.
   *
   * @throws ServiceException MALFORMED_BODY when the body ends or is not JSON
   */
  public JsonToken next() {
    try {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw new ServiceException(
            ErrorCode.MALFORMED_BODY, "The body is empty; JSON was expected");
      }
      return token;
    } catch (JacksonException e) {
      throw StrictJson.malformed(e);
    }
  }

  public JsonToken current() {
    return parser.currentToken();
  }

  /** The name of the current member. */
  public String name() {
    return parser.currentName();
  }

  /** Refuses anything behind the value that was read. */
  public void expectEnd() {
    try {
      if (parser.nextToken() != null) {
        throw new ServiceException(
            ErrorCode.MALFORMED_BODY,
            "The body is not valid JSON: there is something after the end of the value");
      }
    } catch (JacksonException e) {
      throw StrictJson.malformed(e);
    }
  }

  /** Skips the rest of the current value. */
  public void skip() {
    try {
      parser.skipChildren();
    } catch (JacksonException e) {
      throw StrictJson.malformed(e);
    }
  }

  /**
   * The current value as a tree.
   *
   * @param mostValues the most values in it, lists and objects included
   * @param pointer its place in the body
   * @throws ServiceException INVALID_BODY when it has more values, or one that is not allowed
   */
  public JsonNode tree(int mostValues, String pointer) {
    return tree(mostValues, pointer, Set.of());
  }

  /**
   * As {@link #tree(int, String)}.
   *
   * @param skipped members that an object is read without, whatever they hold
   */
  public JsonNode tree(int mostValues, String pointer, Set<String> skipped) {
    left = mostValues;
    try {
      JsonNode tree = read(mostValues, pointer, skipped);
      StrictJson.requireClean(tree, pointer);
      return tree;
    } catch (JacksonException e) {
      throw StrictJson.malformed(e);
    }
  }

  private JsonNode read(int mostValues, String pointer, Set<String> skipped) {
    if (--left < 0) {
      throw ServiceException.invalid(
          pointer, "At most " + mostValues + " values were expected here, there are more");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        ObjectNode object = NODES.objectNode();
        while (next() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          next();
          if (skipped.contains(name)) {
            parser.skipChildren();
          } else {
            object.set(name, read(mostValues, pointer, Set.of()));
          }
        }
        yield object;
      }
      case START_ARRAY -> {
        ArrayNode list = NODES.arrayNode();
        while (next() != JsonToken.END_ARRAY) {
          list.add(read(mostValues, pointer, Set.of()));
        }
        yield list;
      }
      case VALUE_STRING -> NODES.stringNode(parser.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number();
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NULL -> NODES.nullNode();
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new IllegalStateException("no value begins with " + parser.currentToken());
    };
  }

  /** The current string. */
  public String text() {
    try {
      return parser.getString();
    } catch (JacksonException e) {
      throw StrictJson.malformed(e);
    }
  }

  /** The current number; of any size. */
  public JsonNode number() {
    try {
      return switch (parser.getNumberType()) {
        case INT -> NODES.numberNode(parser.getIntValue());
        case LONG -> NODES.numberNode(parser.getLongValue());
        case BIG_INTEGER -> NODES.numberNode(parser.getBigIntegerValue());
        case FLOAT, DOUBLE, BIG_DECIMAL -> NODES.numberNode(parser.getDoubleValue());
      };
    } catch (JacksonException e) {
      throw StrictJson.malformed(e);
    }
  }

  /** The current value in words, for details; its content is not read. */
  public String describe(String pointer) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case NOT_AVAILABLE,
          END_OBJECT,
          END_ARRAY,
          PROPERTY_NAME,
          VALUE_EMBEDDED_OBJECT,
          VALUE_STRING,
          VALUE_NUMBER_INT,
          VALUE_NUMBER_FLOAT,
          VALUE_TRUE,
          VALUE_FALSE,
          VALUE_NULL ->
          JsonObject.describe(tree(1, pointer));
    };
  }

  @Override
  public void close() {
    parser.close();
  }
}

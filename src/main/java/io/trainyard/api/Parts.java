package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.multipart.MultipartException;
import tools.jackson.databind.JsonNode;

/** The parts of a multipart body, as files or fields; each name at most once. */
public final class Parts implements AutoCloseable {
  private static final int MAX_JSON = 64 << 20;

  private final Map<String, Part> parts;
  private final List<Path> files = new ArrayList<>();

  private Parts(Map<String, Part> parts) {
    this.parts = parts;
  }

  /** Reads the parts. Unknown and repeated parts are refused. */
  public static Parts of(HttpServletRequest request, List<String> known) throws IOException {
    Violations violations = new Violations();
    Map<String, Part> parts = new HashMap<>();
    try {
      for (Part part : request.getParts()) {
        String name = part.getName();
        if (!known.contains(name)) {
          violations.add(
              Violation.pointer("", name),
              "Unknown part '" + name + "'; known here: " + String.join(", ", known));
        } else if (parts.put(name, part) != null) {
          violations.add(Violation.pointer("", name), "The part '" + name + "' comes twice");
        }
      }
    } catch (ServletException e) {
      throw new MultipartException("unreadable", e);
    }
    violations.throwIfAny();
    return new Parts(parts);
  }

  public JsonNode requiredJson(String name) throws IOException {
    JsonNode json = json(name);
    if (json == null) {
      throw ServiceException.invalid(
          Violation.pointer("", name), "The part '" + name + "' is required");
    }
    return json;
  }

  /** A part with JSON. The pointers of its faults start with the part's name. */
  @Nullable
  public JsonNode json(String name) throws IOException {
    Part part = parts.get(name);
    if (part == null) {
      return null;
    }
    try (InputStream in = part.getInputStream()) {
      return BoundedBody.json(in, part.getSize(), MAX_JSON);
    } catch (ServiceException e) {
      String at = Violation.pointer("", name);
      List<Violation> moved =
          e.violations().stream().map(v -> new Violation(at + v.pointer(), v.detail())).toList();
      throw new ServiceException(
          e.code() == ErrorCode.MALFORMED_BODY ? ErrorCode.INVALID_BODY : e.code(),
          "In part '" + name + "': " + e.detail(),
          moved.isEmpty() ? List.of(new Violation(at, e.detail())) : moved);
    }
  }

  /** A part as a file, which {@link #close} deletes. */
  @Nullable
  public Path file(String name) throws IOException {
    Part part = parts.get(name);
    if (part == null) {
      return null;
    }
    Path file = Files.createTempFile("trainyard-part", ".tmp");
    files.add(file);
    try (InputStream in = part.getInputStream()) {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    }
    return file;
  }

  @Override
  public void close() throws IOException {
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    for (Part part : parts.values()) {
      part.delete();
    }
  }
}

package io.trainyard.store.backup;

import io.trainyard.os.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The lengths and checksums of an archive's entries: its manifest. */
final class Entries {
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  record Entry(long bytes, String sha256) {}

  /** Copies an entry and notes its checksum. */
  Entry copy(String name, InputStream in, OutputStream out) throws IOException {
    MessageDigest digest = Sha256.begin();
    long bytes = new DigestInputStream(in, digest).transferTo(out);
    Entry entry = new Entry(bytes, Sha256.hex(digest));
    entries.put(name, entry);
    return entry;
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode all = json.putArray("entries");
    entries.forEach(
        (name, entry) ->
            all.addObject()
                .put("name", name)
                .put("bytes", entry.bytes())
                .put("sha256", entry.sha256()));
    return json;
  }

  /**
   * What is wrong with the entries that were copied, measured by a manifest; empty for nothing.
   *
   * @param manifest is read entry by entry, because it is as long as the archive has files
   */
  String difference(JsonParser manifest) {
    if (manifest.nextToken() != JsonToken.START_OBJECT
        || !"entries".equals(manifest.nextName())
        || manifest.nextToken() != JsonToken.START_ARRAY) {
      return "its manifest has no entries";
    }
    Map<String, Entry> open = new HashMap<>(entries);
    while (manifest.nextToken() == JsonToken.START_OBJECT) {
      JsonNode entry = manifest.readValueAsTree();
      String name = entry.path("name").asString("");
      Entry read = open.remove(name);
      if (read == null) {
        return name + " is missing";
      }
      if (!read.equals(
          new Entry(entry.path("bytes").asLong(-1), entry.path("sha256").asString("")))) {
        return name + " has other bytes than those that were written";
      }
    }
    return open.isEmpty() ? "" : open.keySet().iterator().next() + " is not in the manifest";
  }

  boolean has(String name) {
    return entries.containsKey(name);
  }

  int size() {
    return entries.size();
  }
}

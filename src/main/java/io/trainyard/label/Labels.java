package io.trainyard.label;

import io.trainyard.access.Identity;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What people write on a thing to find it again.
 *
 * @param tags texts by name
 * @param archived whether lists leave it out unless they are asked for it
 * @param owner the name of the caller who made it; null: a caller without a key
 */
public record Labels(
    @Nullable String description,
    SortedMap<String, String> tags,
    boolean archived,
    @Nullable String owner) {
  public static final int LONGEST_DESCRIPTION = 4000;
  public static final int LONGEST_TAG = 255;
  public static final int MOST_TAGS = 64;

  /** What the name of a tag matches. */
  public static final String TAG_NAME = "[A-Za-z0-9][A-Za-z0-9._/-]{0,62}";

  public static final Labels NONE = new Labels(null, Collections.emptySortedMap(), false, null);

  public Labels {
    tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
  }

  /** Nothing but an owner. */
  public static Labels of(@Nullable String owner) {
    return new Labels(null, Collections.emptySortedMap(), false, owner);
  }

  /** The owner as every answer names it. */
  public String shownOwner() {
    return owner == null ? Identity.ANONYMOUS : owner;
  }

  /** What a person can change, for the audit log. */
  public Map<String, Object> written() {
    Map<String, Object> written = new TreeMap<>();
    written.put("tags", tags);
    written.put("archived", archived);
    written.put("description", description == null ? "" : description);
    return written;
  }
}

package io.trainyard.settings;

import io.trainyard.json.NameAdvice;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.convert.DurationUnit;

/**
 * The names of the settings under {@code trainyard}, as the records that hold them say. A name
 * matches however Spring lets it be written: {@code data-dir}, {@code dataDir}, {@code DATA_DIR}.
 *
 * <p>Why not the metadata that Spring Boot makes of them: it has no names within a map, such as the
 * settings of a pool.
 */
final class KnownSettings {
  /** What is read without a record. */
  private static final Set<String> OTHERS = Set.of("trainyard.memory", "trainyard.supervisor");

  /** A number other than 0. */
  private static final Pattern UNITLESS = Pattern.compile("\\s*[-+]?\\d*[1-9]\\d*\\s*");

  /** Part of a name that the operator chooses, such as a pool's. */
  private static final String CHOSEN = "*";

  /** Plain forms, as patterns, of settings that are times and need a unit. */
  private final Set<String> times = new TreeSet<>();

  /** Plain forms, as patterns, to the names that are shown. */
  private final Map<String, String> names = new TreeMap<>();

  KnownSettings(Collection<Class<?>> holders) {
    OTHERS.forEach(this::add);
    for (Class<?> holder : holders) {
      ConfigurationProperties prefix = holder.getAnnotation(ConfigurationProperties.class);
      if (prefix != null && holder.isRecord()) {
        addAll(prefix.value().isEmpty() ? prefix.prefix() : prefix.value(), holder);
      }
    }
  }

  private void addAll(String prefix, Class<?> holder) {
    for (RecordComponent component : holder.getRecordComponents()) {
      String name = prefix + "." + dashed(component.getName());
      Class<?> type = component.getType();
      if (Map.class.isAssignableFrom(type)) {
        addEach(name + "." + CHOSEN, component.getGenericType());
      } else if (type.isRecord()) {
        addAll(name, type);
      } else {
        add(name);
        if (type == Duration.class && !component.isAnnotationPresent(DurationUnit.class)) {
          times.add(pattern(name));
        }
      }
    }
  }

  /** The settings of a map's values. */
  private void addEach(String name, Type map) {
    if (map instanceof ParameterizedType types
        && types.getActualTypeArguments()[1] instanceof Class<?> value
        && value.isRecord()) {
      addAll(name, value);
    } else {
      add(name);
    }
  }

  private void add(String name) {
    names.put(pattern(name), name);
  }

  private static String pattern(String name) {
    return plain(name).replace(CHOSEN, ".+");
  }

  /**
   * Whether it is a time in a number alone: Spring would take milliseconds, and nobody means them.
   */
  boolean lacksUnit(String name, String setting) {
    String plain = plain(name);
    return UNITLESS.matcher(setting).matches()
        && times.stream().anyMatch(known -> Pattern.matches(known, plain));
  }

  boolean has(String name) {
    // The members of a list: origins[0], ORIGINS_0.
    String plain = plain(name.replaceFirst("(\\[\\d+]|[_-]\\d+[_-]?)$", ""));
    return names.keySet().stream()
        .anyMatch(
            known -> known.contains(".+") ? Pattern.matches(known, plain) : known.equals(plain));
  }

  /** Whether settings begin with this name. */
  boolean isGroup(String name) {
    return names.values().stream().anyMatch(known -> known.startsWith(name + "."));
  }

  /** Advice for an unknown name: "; did you mean trainyard.data-dir?", or "". */
  String advice(String name) {
    Set<String> all = new TreeSet<>(names.values());
    Optional<String> meant =
        NameAdvice.meant(name, all)
            .or(() -> NameAdvice.similar(name, all))
            .or(() -> all.stream().filter(known -> last(known).equals(last(name))).findFirst())
            .or(() -> sameParent(name, all));
    return meant.map(known -> "; did you mean " + known + "?").orElse("");
  }

  /** A neighbour with a similar last part: the whole name may be longer than what is compared. */
  private static Optional<String> sameParent(String name, Set<String> all) {
    String parent = name.substring(0, name.length() - last(name).length());
    Set<String> neighbours = new TreeSet<>();
    all.stream()
        .filter(known -> known.startsWith(parent))
        .forEach(known -> neighbours.add(last(known)));
    return NameAdvice.similar(last(name), neighbours)
        .filter(last -> all.contains(parent + last))
        .map(last -> parent + last);
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static String dashed(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9*]", "");
  }
}

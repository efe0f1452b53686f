package io.aiopslab.tasks.api.trajectories;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/** Which of the two forms of a page a client wants; a tie is for the object. */
final class MediaTypes {
  private static final MediaType LINES = MediaType.parseMediaType(ReadFeed.LINES);

  private MediaTypes() {}

  static boolean prefersLines(@Nullable String accept) {
    if (accept == null) {
      return false;
    }
    List<MediaType> ranges = MediaType.parseMediaTypes(accept);
    return quality(LINES, ranges) > quality(MediaType.APPLICATION_JSON, ranges);
  }

  /** Of the most specific range that it is in, RFC 9110, 12.5.1. */
  private static double quality(MediaType type, List<MediaType> ranges) {
    return ranges.stream()
        .filter(range -> range.includes(type))
        .max(
            Comparator.comparing((MediaType range) -> !range.isWildcardType())
                .thenComparing(range -> !range.isWildcardSubtype()))
        .map(MediaType::getQualityValue)
        .orElse(0.0);
  }
}

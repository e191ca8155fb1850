// SPDX-License-Identifier: MIT
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Locale;
import java.util.Map;

import moa.classifiers.core.driftdetection.AbstractChangeDetector;

/**
 * One of MOA's detectors, timed: java -cp moa.jar MoaDetectors.java INPUT.f64 DETECTOR, with requests as in river_detectors.py.
 *
 * A process measures one detector only, so that its compiler sees one class at each call and inlines it: the best case for MOA. Before
 * the first measurement the loop runs several times over the whole input.
 */
public final class MoaDetectors {
    private static final int WARM_UP_PASSES = 10;

    private static final Map<String, String> CLASSES = Map.ofEntries(
            Map.entry("adwin", "ADWINChangeDetector"),
            Map.entry("cusum", "CusumDM"),
            Map.entry("ddm", "DDM"),
            Map.entry("ecdd", "EWMAChartDM"),
            Map.entry("eddm", "EDDM"),
            Map.entry("gma", "GeometricMovingAverageDM"),
            Map.entry("hddm_a", "HDDM_A_Test"),
            Map.entry("hddm_w", "HDDM_W_Test"),
            Map.entry("page_hinkley", "PageHinkleyDM"),
            Map.entry("rddm", "RDDM"),
            Map.entry("seed", "SEEDChangeDetector"),
            Map.entry("seqdrift2", "SeqDrift2ChangeDetector"),
            Map.entry("stepd", "STEPD"));

    private static long alarms;
    private static long alarmIndexSum;

    private MoaDetectors() {
    }

    private static void feed(AbstractChangeDetector detector, double[] xs) {
        for (int i = 0; i < xs.length; i++) {
            detector.input(xs[i]);
            if (detector.getChange()) {
                alarms++;
                alarmIndexSum += i;
            }
        }
    }

    private static long run(Class<?> type, double[] xs) throws ReflectiveOperationException {
        AbstractChangeDetector detector = (AbstractChangeDetector) type.getDeclaredConstructor().newInstance();
        alarms = 0;
        alarmIndexSum = 0;
        long begin = System.nanoTime();
        feed(detector, xs);
        return System.nanoTime() - begin;
    }

    private static double[] read(String path) throws IOException {
        DoubleBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(Paths.get(path))).order(ByteOrder.nativeOrder()).asDoubleBuffer();
        double[] xs = new double[buffer.remaining()];
        buffer.get(xs);
        return xs;
    }

    public static void main(String[] args) throws IOException, ReflectiveOperationException {
        if (args.length != 2 || !CLASSES.containsKey(args[1])) {
            System.err.println("usage: MoaDetectors INPUT.f64 DETECTOR <REQUESTS");
            System.exit(2);
        }
        double[] xs = read(args[0]);
        Class<?> type = Class.forName("moa.classifiers.core.driftdetection." + CLASSES.get(args[1]));
        for (int pass = 0; pass < WARM_UP_PASSES; pass++) {
            run(type, xs);
        }
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            String[] words = line.trim().split("\\s+");
            long timeNs = run(type, xs);
            System.out.printf(Locale.ROOT, "{\"library\": \"moa\", \"detector\": \"%s\", \"form\": \"%s\", \"preset\": \"%s\", "
                    + "\"n\": %d, \"ns_per_update\": %.4f, \"alarms\": %d, \"alarm_index_sum\": %d}%n",
                    words[0], words[1], words[2], xs.length, (double) timeNs / xs.length, alarms, alarmIndexSum);
            System.out.flush();
        }
    }
}

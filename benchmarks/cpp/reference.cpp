// The reference pathway as a good C++ programmer would write it for speed: one switch over what happens next, people
// in recycled slots, queues as linked lists through them, and a binary heap of 16-byte events (or two of them: near
// ones for work, far ones for stays of weeks and years). Everything is recorded as sums. Time is in hours.
//
//     reference one|two SEED RUNS CONTACTS_UNTIL END SCALE CARE
//
// prints JSON: for each run its seconds of CPU time (the people who come are made as it goes, so their making is
// inside) and its measures, named as benchmarks/cases.py names them. SCALE multiplies contacts, staff, places and
// people in care; CARE is 1, or 0 to leave the packages out.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <queue>
#include <type_traits>
#include <vector>

#include "random.hpp"

namespace {

constexpr double day = 24, year = 365.25 * day, month = year / 12, sigma = 0.5;
constexpr double desk_hours = 1.0 / 3, care_hours = 2.5 * year, enablement_hours = 42 * day;
const double log_hub = std::log(1.5), log_visit = std::log(4.0), log_assessment = std::log(6.0);

enum What : std::uint32_t { arrival, desk, hub, home_visit, enablement, assessment, care };
constexpr std::array stage_names{"contact", "desk", "hub", "home_visit", "enablement", "assessment", "care"};
constexpr std::array<int, 7> staff{0, 2, 1, 3, 470, 7, 0};
constexpr std::uint32_t nobody = ~0u;

struct Event {
    double time;
    std::uint32_t who;
    What what;
};

struct Later {
    bool operator()(const Event &a, const Event &b) const { return a.time > b.time; }
};

// The standard library's binary heap, earliest first: the quickest here where all events share one.
class StandardHeap {
public:
    bool empty() const { return events_.empty(); }
    double first() const { return events_.top().time; }
    void push(Event event) { events_.push(event); }

    Event pop() {
        const Event top = events_.top();
        events_.pop();
        return top;
    }

private:
    std::priority_queue<Event, std::vector<Event>, Later> events_;
};

// A binary heap that stops on its way down as soon as it can and chooses a child without a jump: the quicker one for
// two heaps, a small and a large one whose new events come last.
class OwnHeap {
public:
    bool empty() const { return events_.empty(); }
    double first() const { return events_.front().time; }

    void push(Event event) {
        std::size_t at = events_.size();
        events_.push_back(event);
        while (at > 0) {
            const auto above = (at - 1) / 2;
            if (events_[above].time <= event.time)
                break;
            events_[at] = events_[above];
            at = above;
        }
        events_[at] = event;
    }

    Event pop() {
        const Event top = events_.front(), last = events_.back();
        events_.pop_back();
        const auto size = events_.size();
        if (size == 0)
            return top;
        std::size_t at = 0, child = 1;
        for (; child + 1 < size; child = at * 2 + 1) {
            child += events_[child + 1].time < events_[child].time;
            if (events_[child].time >= last.time) {
                events_[at] = last;
                return top;
            }
            events_[at] = events_[child];
            at = child;
        }
        if (child < size && events_[child].time < last.time) {
            events_[at] = events_[child];
            at = child;
        }
        events_[at] = last;
        return top;
    }

private:
    std::vector<Event> events_;
};

struct Person {
    double contact, joined;
    std::uint32_t next;
};

struct Team {
    std::int64_t free = 0;
    std::uint32_t first = nobody, last = nobody;
};

struct Sums {
    std::array<std::int64_t, 7> joined{}, started{}, ended{};
    std::array<double, 7> waited{};
    std::int64_t leaves = 0, to_hub = 0, enabled = 0, funded = 0, not_funded = 0, held = 0, events = 0;
    double delay = 0, package_hours = 0;
    std::vector<std::int64_t> starts, ends, live;  // by month; live at the month's end
};

template <bool two_heaps> class Run {
public:
    Run(std::uint64_t seed, double contacts_until, double end, int scale, bool with_care)
        : random_(seed), until_(contacts_until), end_(end), between_(day / (85.0 * scale)), with_care_(with_care) {
        const auto months = static_cast<std::size_t>(std::ceil(end / month));
        sums_.starts.resize(months);
        sums_.ends.resize(months);
        sums_.live.resize(months);
        for (std::size_t team = 0; team < staff.size(); ++team)
            teams_[team].free = static_cast<std::int64_t>(staff[team]) * scale;
        if (with_care)
            sums_.held = 6'000LL * scale;
    }

    const Sums &go() {
        for (std::int64_t i = 0; i < sums_.held; ++i)
            begin_care();
        live_ = sums_.held;
        come();
        double next_month = month;
        std::size_t this_month = 0;
        while (!near_.empty() || !far_.empty()) {
            const bool is_far = two_heaps && !far_.empty() && (near_.empty() || far_.first() < near_.first());
            const Event event = is_far ? far_.pop() : near_.pop();
            now_ = event.time;
            while (now_ >= next_month) {
                sums_.live[this_month++] = live_;
                next_month = month * static_cast<double>(this_month + 1);
            }
            month_ = this_month;
            ++sums_.events;
            happens(event);
        }
        std::fill(sums_.live.begin() + static_cast<std::ptrdiff_t>(this_month), sums_.live.end(), live_);
        return sums_;
    }

private:
    void happens(Event event) {
        switch (event.what) {
        case arrival:
            people_[event.who].contact = now_;
            come();
            join<desk>(event.who);
            break;
        case desk:
            leave<desk>();
            if (random_.chance(0.7)) {
                ++sums_.leaves;
                forget(event.who);
            } else if (random_.chance(0.5)) {
                ++sums_.to_hub;
                join<hub>(event.who);
            } else {
                join<home_visit>(event.who);
            }
            break;
        case hub:
            leave<hub>();
            reach(event.who);
            break;
        case home_visit:
            leave<home_visit>();
            reach(event.who);
            break;
        case enablement:
            leave<enablement>();
            join<assessment>(event.who);
            break;
        case assessment:
            leave<assessment>();
            decide(event.who);
            break;
        case care:
            ++sums_.ended[care];
            ++sums_.ends[month_];
            --live_;
            break;
        }
    }

    void reach(std::uint32_t who) {
        if (random_.chance(0.4)) {
            ++sums_.enabled;
            join<enablement>(who);
        } else {
            join<assessment>(who);
        }
    }

    void decide(std::uint32_t who) {
        if (!with_care_) {
            sums_.delay += now_ - people_[who].contact;
        } else if (random_.chance(0.6)) {
            ++sums_.funded;
            sums_.delay += now_ - people_[who].contact;
            ++sums_.started[care];
            ++sums_.starts[month_];
            ++live_;
            begin_care();
        } else {
            ++sums_.not_funded;
        }
        forget(who);
    }

    void begin_care() {
        const double ends = now_ + care_hours * random_.exponential();
        sums_.package_hours += std::min(ends, end_) - now_;
        later({ends, nobody, care});
    }

    void come() {
        const double time = now_ + between_ * random_.exponential();
        if (time >= until_)
            return;
        std::uint32_t who;
        if (free_.empty()) {
            who = static_cast<std::uint32_t>(people_.size());
            people_.emplace_back();
        } else {
            who = free_.back();
            free_.pop_back();
        }
        near_.push({time, who, arrival});
    }

    void forget(std::uint32_t who) { free_.push_back(who); }

    // What happens after the end is never looked at.
    void later(Event event) {
        if (event.time >= end_)
            return;
        if (two_heaps && (event.what == care || event.what == enablement))
            far_.push(event);
        else
            near_.push(event);
    }

    template <What stage> void join(std::uint32_t who) {
        ++sums_.joined[stage];
        auto &team = teams_[stage];
        if (team.free > 0) {
            --team.free;
            ++sums_.started[stage];
            serve<stage>(who);
            return;
        }
        people_[who].joined = now_;
        people_[who].next = nobody;
        (team.first == nobody ? team.first : people_[team.last].next) = who;
        team.last = who;
    }

    template <What stage> void leave() {
        ++sums_.ended[stage];
        auto &team = teams_[stage];
        const auto who = team.first;
        if (who == nobody) {
            ++team.free;
            return;
        }
        team.first = people_[who].next;
        ++sums_.started[stage];
        sums_.waited[stage] += now_ - people_[who].joined;
        serve<stage>(who);
    }

    template <What stage> void serve(std::uint32_t who) {
        double hours;
        if constexpr (stage == desk)
            hours = desk_hours * random_.exponential();
        else if constexpr (stage == hub)
            hours = random_.lognormal(log_hub, sigma);
        else if constexpr (stage == home_visit)
            hours = random_.lognormal(log_visit, sigma);
        else if constexpr (stage == enablement)
            hours = enablement_hours;
        else
            hours = random_.lognormal(log_assessment, sigma);
        later({now_ + hours, who, stage});
    }

    Random random_;
    double now_ = 0, until_, end_, between_;
    bool with_care_;
    std::int64_t live_ = 0;
    std::size_t month_ = 0;
    std::conditional_t<two_heaps, OwnHeap, StandardHeap> near_;
    OwnHeap far_;
    std::array<Team, 7> teams_{};
    std::vector<Person> people_;
    std::vector<std::uint32_t> free_;
    Sums sums_;
};

double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Most memory in use since the program began. (What getrusage tells begins with the memory of the caller.)
long peak_kilobytes() {
    long found = 0;
    if (std::FILE *status = std::fopen("/proc/self/status", "r")) {
        for (char line[256]; std::fgets(line, sizeof line, status);)
            if (std::sscanf(line, "VmHWM: %ld", &found) == 1)
                break;
        std::fclose(status);
    }
    return found;
}

void print_months(const char *name, const std::vector<std::int64_t> &months) {
    std::printf(", \"%s\": [", name);
    for (std::size_t i = 0; i < months.size(); ++i)
        std::printf(i ? ", %lld" : "%lld", static_cast<long long>(months[i]));
    std::printf("]");
}

void print(const Sums &sums, double seconds, double end, bool with_care) {
    auto count = [](const char *stage, const char *event, std::int64_t n) {
        std::printf(", \"%s %s\": %lld", stage, event, static_cast<long long>(n));
    };
    std::printf("{\"seconds\": %.9f, \"events\": %lld", seconds, static_cast<long long>(sums.events));
    print_months("starts", sums.starts);
    print_months("ends", sums.ends);
    print_months("live", sums.live);
    std::printf(", \"package_days\": %.6f, \"measures\": {\"contact contact\": %lld", sums.package_hours / day,
                static_cast<long long>(sums.joined[desk]));
    for (std::size_t stage = desk; stage <= assessment; ++stage) {
        count(stage_names[stage], "join", sums.joined[stage]);
        count(stage_names[stage], "start", sums.started[stage]);
        count(stage_names[stage], "end", sums.ended[stage]);
        std::printf(", \"%s mean wait\": %.9f", stage_names[stage],
                    sums.waited[stage] / static_cast<double>(sums.started[stage]));
    }
    count("after_desk", "branch leaves", sums.leaves);
    count("after_desk", "branch goes_on", sums.ended[desk] - sums.leaves);
    count("where", "branch hub", sums.to_hub);
    count("where", "branch home_visit", sums.ended[desk] - sums.leaves - sums.to_hub);
    count("reached", "branch enabled", sums.enabled);
    count("reached", "branch at_once", sums.ended[hub] + sums.ended[home_visit] - sums.enabled);
    if (with_care) {
        count("funding", "branch funded", sums.funded);
        count("funding", "branch not_funded", sums.not_funded);
        count("care", "held", sums.held);
        count("care", "package_start", sums.started[care]);
        count("care", "package_end", sums.ended[care]);
        std::printf(", \"mean people in care\": %.9f", sums.package_hours / end);
    }
    const auto delays = with_care ? sums.funded : sums.ended[assessment];
    std::printf(", \"mean hours from contact to package\": %.9f}}", sums.delay / static_cast<double>(delays));
}

template <bool two_heaps>
void runs(std::uint64_t seed, int many, double until, double end, int scale, bool with_care) {
    for (int i = 0; i < many; ++i) {
        const double begun = cpu_seconds();
        Run<two_heaps> run(seed + static_cast<std::uint64_t>(i), until, end, scale, with_care);
        const auto &sums = run.go();
        const double took = cpu_seconds() - begun;
        std::printf(i ? ",\n" : "");
        print(sums, took, end, with_care);
    }
}

}  // namespace

int main(int many, char **words) {
    if (many != 8) {
        std::fprintf(stderr, "usage: %s one|two SEED RUNS CONTACTS_UNTIL END SCALE CARE\n", words[0]);
        return 2;
    }
    const auto seed = std::strtoull(words[2], nullptr, 10);
    const int times = std::atoi(words[3]), scale = std::atoi(words[6]);
    const double until = std::atof(words[4]), end = std::atof(words[5]);
    const bool with_care = std::atoi(words[7]) != 0;
    std::printf("{\"runs\": [");
    if (std::strcmp(words[1], "two") == 0)
        runs<true>(seed, times, until, end, scale, with_care);
    else
        runs<false>(seed, times, until, end, scale, with_care);
    std::printf("], \"peak_kilobytes\": %ld}\n", peak_kilobytes());
}

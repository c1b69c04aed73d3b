// The pathway with every feature on, as a good C++ programmer would write this one pathway by hand for speed: one
// switch over stages and one over events, people and care in recycled slots, one binary heap of 16-byte events, queues
// as rings, opening windows and slots laid out beforehand. Everything is recorded as sums. Time is in hours.
//
//     full PARAMETERS SEED RUNS
//
// PARAMETERS is a text file of lines "name count numbers"; benchmarks/full_case.py writes it from the compiled pathway,
// so that no number stands twice. Printed is JSON: for each run its seconds of CPU time (the people who come are made as
// it goes, so their making is inside) and what it counted, named as benchmarks/cases.py names it.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>
#include <queue>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include <sys/resource.h>

#include "random.hpp"

namespace {

using Index = std::uint32_t;
using Numbers = std::vector<double>;

constexpr double day = 24;
constexpr double never = std::numeric_limits<double>::infinity();
constexpr Index none = ~0u;
constexpr Index generations = 0xffffff;
constexpr int types = 24, groups = 3, sources = 2, grid = 256, age_knots = 1000, wait_bins = 32;

enum Stage : std::uint8_t {
    advice, after_enablement, after_meeting, assessment, care_cut, care_ended, care_home, care_raised, contact_community,
    contact_hospital, death, desk, died, duty_assessment, eligible, enablement, first_contact, heavier, home_care,
    home_visit, how_met, hub, in_hospital, independent, larger_care, lighter, means_test, moves, not_funded, review,
    review_due, review_says, setting, telecare, telecare_beside, to_hospital, weaker, stages
};
constexpr std::array<const char *, stages> stage_names{
    "advice", "after_enablement", "after_meeting", "assessment", "care_cut", "care_ended", "care_home", "care_raised",
    "contact_community", "contact_hospital", "death", "desk", "died", "duty_assessment", "eligible", "enablement",
    "first_contact", "heavier", "home_care", "home_visit", "how_met", "hub", "in_hospital", "independent", "larger_care",
    "lighter", "means_test", "moves", "not_funded", "review", "review_due", "review_says", "setting", "telecare",
    "telecare_beside", "to_hospital", "weaker"};

namespace did {
enum What : std::uint8_t {
    contact, join, start, end, set, package_start, package_end, outcome, contact_again, booked, missed, overflow, hazard,
    held, weekly, pays, review, reviewed, withdrawn, whats
};
constexpr std::array<const char *, whats> names{
    "contact", "join", "start", "end", "set", "package_start", "package_end", "outcome", "contact_again", "booked",
    "missed", "overflow", "hazard", "held", "weekly", "pays", "review", "reviewed", "withdrawn"};
}  // namespace did

constexpr int most_branches = 4;
constexpr std::array<std::pair<Stage, std::array<const char *, most_branches>>, 8> branch_names{{
    {first_contact, {"resolved", "met"}},
    {how_met, {"cannot_travel", "hub", "home_visit"}},
    {after_meeting, {"community", "enablement", "assessment"}},
    {after_enablement, {"independent", "assessment"}},
    {eligible, {"not_eligible", "eligible"}},
    {means_test, {"pays_for_own", "funded"}},
    {setting, {"at_home", "care_home"}},
    {telecare_beside, {"without", "with_it"}},
}};
constexpr std::array<const char *, most_branches> review_branches{"ends", "cut", "unchanged", "raised"};

enum TeamName : std::uint8_t { desks, visitors, assessors, duty, reviewers, places, teams };
constexpr std::array<const char *, teams> team_names{"desk", "visitors", "assessors", "duty", "reviewers", "enablement"};

enum CareKind : std::uint8_t { of_enablement, of_telecare, of_home_care, of_care_home, care_kinds };
constexpr std::array<const char *, care_kinds> care_names{"enablement", "telecare", "home_care", "care_home"};

// --- Parameters --------------------------------------------------------------------------------------------------------

class Parameters {
public:
    explicit Parameters(const char *path) {
        std::ifstream file(path);
        if (!file)
            throw std::runtime_error(std::string("cannot read ") + path);
        std::string name;
        std::size_t count;
        while (file >> name >> count) {
            Numbers numbers(count);
            for (auto &number : numbers)
                file >> number;
            if (!file)
                throw std::runtime_error("too few numbers for " + name);
            given_.emplace(std::move(name), std::move(numbers));
        }
    }

    const Numbers &operator[](const std::string &name) const {
        const auto found = given_.find(name);
        if (found == given_.end())
            throw std::runtime_error("no parameter " + name);
        return found->second;
    }

    double one(const std::string &name) const { return (*this)[name].at(0); }

    template <std::size_t n> std::array<double, n> some(const std::string &name) const {
        const auto &numbers = (*this)[name];
        if (numbers.size() != n)
            throw std::runtime_error("parameter " + name + " has another length than expected");
        std::array<double, n> result{};
        std::copy(numbers.begin(), numbers.end(), result.begin());
        return result;
    }

private:
    std::unordered_map<std::string, Numbers> given_;
};

struct Lognormal {
    double log_mean, sigma;
    Lognormal(double mean, double sigma_) : log_mean(std::log(mean)), sigma(sigma_) {}
    double operator()(Random &random) const { return random.lognormal(log_mean, sigma); }
};

// Where a need rank stands among those who reach a decision or take a package, by type of person.
class Scale {
public:
    Scale(const Parameters &given, const std::string &name) {
        const auto &numbers = given["scale/" + name];
        if (numbers.size() != types * (grid + 1))
            throw std::runtime_error("scale/" + name + " has another length than expected");
        for (std::size_t i = 0; i < numbers.size(); ++i)
            standing_[i / (grid + 1)][i % (grid + 1)] = static_cast<float>(numbers[i]);
    }

    double standing(int type, double rank) const {
        const double at = rank * grid;
        const int low = std::min(static_cast<int>(at), grid - 1);
        const auto &row = standing_[type];
        return row[low] + (at - low) * (row[low + 1] - row[low]);
    }

    double rank(int type, double standing) const {
        const auto &row = standing_[type];
        const auto high = std::upper_bound(row.begin() + 1, row.end() - 1, static_cast<float>(standing)) - row.begin();
        const double rise = row[high] - row[high - 1];
        return (static_cast<double>(high - 1) + (rise > 0 ? (standing - row[high - 1]) / rise : 0.0)) / grid;
    }

private:
    std::array<std::array<float, grid + 1>, types> standing_{};
};

// A decision's cumulative shares by type of person, and how far it follows need.
struct Decision {
    std::array<std::array<double, most_branches>, types> cuts;
    double weight;

    Decision(const Parameters &given, const std::string &name) : weight(given.one("weight/" + name)) {
        const auto numbers = given.some<types * most_branches>("cuts/" + name);
        for (int type = 0; type < types; ++type)
            std::copy_n(numbers.begin() + type * most_branches, most_branches, cuts[type].begin());
    }

    int branch(int type, double u) const {
        int result = 0;
        while (u >= cuts[type][result])
            ++result;
        return result;
    }
};

// The quantile of the normal law (Acklam's rational approximation, 1e-9).
double normal_quantile(double p) {
    constexpr double a[]{-3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
                         -3.066479806614716e+01, 2.506628277459239e+00};
    constexpr double b[]{-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
                         -1.328068155288572e+01};
    constexpr double c[]{-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
                         4.374664141464968e+00, 2.938163982698783e+00};
    constexpr double d[]{7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00};
    p = std::clamp(p, 1e-12, 1 - 1e-12);
    if (p < 0.02425 || p > 1 - 0.02425) {
        const double q = std::sqrt(-2 * std::log(std::min(p, 1 - p)));
        const double x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
                         ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
        return p < 0.5 ? x : -x;
    }
    const double q = p - 0.5, r = q * q;
    return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
           (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

struct Figures {
    explicit Figures(const Parameters &given)
        : desk_hours(given.one("mean/desk")), lead(law(given, "delay/hub", "hours_sigma")),
          appointment(law(given, "mean/hub", "hours_sigma")), visit(law(given, "mean/home_visit", "hours_sigma")),
          assess(law(given, "mean/assessment", "hours_sigma")), on_duty(law(given, "mean/duty_assessment", "hours_sigma")),
          reviewing(law(given, "mean/review", "hours_sigma")), interval(law(given, "mean/review_due", "review_sigma")),
          patience(law(given, "delay/assessment", "patience_sigma")), places_patience(given.one("delay/enablement")),
          hospital_hours(given.one("mean/in_hospital")), again_hours(given.one("mean/advice")),
          telecare_hours(given.one("mean/telecare")), home_hours(given.some<types>("mean/home_care")),
          care_home_hours(given.some<types>("mean/care_home")), to_hospital_hours(given.some<types>("mean/to_hospital")),
          death_hours(given.some<types>("mean/death")), moves_hours(given.some<types>("mean/moves")),
          priority(given.some<types>("priority/assessment")), enablement_stay(given.some<2>("enablement/stay")),
          shape(given.one("stay_shape")), again(given.one("again")), misses(given.one("misses")),
          rebookings(static_cast<int>(given.one("rebookings"))), size_weight(given.one("size_weight")),
          home_sigma(given.one("home_care_sigma")), care_home_sigma(given.one("care_home_sigma")),
          home_pays(given.one("home_care_pays")), care_home_pays(given.one("care_home_pays")),
          lighter(given.some<2>("need/lighter")), heavier(given.some<2>("need/heavier")),
          larger(static_cast<int>(given.one("factor/larger_care"))), cut(static_cast<int>(given.one("factor/care_cut"))),
          raised(static_cast<int>(given.one("factor/care_raised"))), how(given, "how_met"), meeting(given, "after_meeting"),
          enabled(given, "after_enablement"), need(given, "eligible"), means(given, "means_test"), place(given, "setting"),
          beside(given, "telecare_beside"), says(given, "review_says"), meeting_scale(given, "after_meeting"),
          need_scale(given, "eligible"), place_scale(given, "setting"), home_scale(given, "home_care"),
          care_home_scale(given, "care_home"), per_day(given.some<sources>("per_day")),
          group_cuts(given.some<sources * groups>("group_cuts")), no_travel(given.some<groups>("no_travel")),
          above(given.some<groups>("above_limit")), type_of(given.some<types>("type_of")), held(given["held"]),
          until(given.one("until")), end(given.one("end")), month_starts(given["month_starts"]),
          first_month(static_cast<int>(given.one("first_month"))), census_months(given.one("census_months")),
          years(given["years"]), slot_times(given["slot_times"]), slot_free(given["slot_free"]) {
        const auto &resolving = given["cuts/first_contact"];
        for (int month = 0; month < 12; ++month)
            for (int type = 0; type < types; ++type)
                resolved[month][type] = resolving.at((month * types + type) * most_branches);
        for (int kind = 0; kind < care_kinds; ++kind)
            for (int type = 0; type < types; ++type)
                pence[kind][type] = static_cast<std::int64_t>(given[std::string("pence/") + care_names[kind]].at(type));
        for (int kind = of_telecare; kind < care_kinds; ++kind)
            age[kind] = given[std::string("age/") + care_names[kind]];
        for (int team = 0; team < teams; ++team) {
            const std::string name = team_names[team];
            size[team] = static_cast<int>(given.one("size/" + name));
            effort[team] = given.one("effort/" + name);
            opens[team] = given["opens/" + name];
            closes[team] = given["closes/" + name];
            roster[team] = given["roster/" + name];
        }
    }

    static Lognormal law(const Parameters &given, const std::string &mean, const std::string &sigma) {
        return {given.one(mean), given.one(sigma)};
    }

    using ByType = std::array<double, types>;
    double desk_hours;
    Lognormal lead, appointment, visit, assess, on_duty, reviewing, interval, patience;
    double places_patience, hospital_hours, again_hours, telecare_hours;
    ByType home_hours, care_home_hours, to_hospital_hours, death_hours, moves_hours, priority;
    std::array<double, 2> enablement_stay;
    double shape, again, misses;
    int rebookings;
    double size_weight, home_sigma, care_home_sigma, home_pays, care_home_pays;
    std::array<double, 2> lighter, heavier;
    int larger, cut, raised;
    Decision how, meeting, enabled, need, means, place, beside, says;
    Scale meeting_scale, need_scale, place_scale, home_scale, care_home_scale;
    std::array<double, sources> per_day;
    std::array<double, sources * groups> group_cuts;
    std::array<double, groups> no_travel, above;
    ByType type_of;  // by [cannot travel][group][above the limit][source]
    Numbers held;    // triples of group, kind of care and people
    double until, end;
    Numbers month_starts;
    int first_month;
    double census_months;
    Numbers years, slot_times, slot_free;
    std::array<ByType, 12> resolved;
    std::array<std::array<std::int64_t, types>, care_kinds> pence;
    std::array<Numbers, care_kinds> age;
    std::array<int, teams> size;
    std::array<double, teams> effort;
    std::array<Numbers, teams> opens, closes, roster;
};

// --- What is kept ------------------------------------------------------------------------------------------------------

enum What : std::uint8_t {
    arrives, comes_back, served, overflows, slot_comes, appointment_ends, stay_ends, stay_is_cut, care_ends, care_dies,
    care_moves, review_falls_due, review_ends, doors_open, roster_changes
};

struct Event {
    double time;
    Index who;
    Index packed;  // generation and what happens
};

struct Later {
    bool operator()(const Event &a, const Event &b) const { return a.time > b.time; }
};

enum Where : std::uint8_t { nowhere, in_queue, in_service, to_come_back, in_care, done };

struct Person {
    double joined = 0;  // or, in enablement, since when
    float rank = 0, pays = 0;
    int level = 1000;
    Index generation = 0, care = none, telecare = none;
    std::uint8_t type = 0, group = 0, source = 0, above = 0, travels_not = 0, missed = 0;
    Stage stage = advice;
    Where where = nowhere;
    bool by_hazard = false;  // what will cut the wait short
};

enum Review : std::uint8_t { no_review, review_waits, review_under_way };

struct Care {
    double ends = never, joined = 0;
    std::int64_t pence = 0, weekly = 0, pays = 0;
    Index person = none, generation = 0, review_generation = 0;
    int level = 1000, share = -1;  // in thousandths
    int since = 0;                 // day from which the price holds
    CareKind kind = of_telecare;
    std::uint8_t group = 0;
    Review review = no_review;
    bool live = false;
};

struct Waiting {
    Index who, generation;
};

class Ring {
public:
    bool empty() const { return first_ == last_; }

    void push(Waiting one) {
        if (last_ - first_ == waiting_.size())
            grow();
        waiting_[last_++ & (waiting_.size() - 1)] = one;
    }

    Waiting pop() { return waiting_[first_++ & (waiting_.size() - 1)]; }

private:
    void grow() {
        std::vector<Waiting> larger(waiting_.size() * 2);
        for (std::size_t i = first_; i < last_; ++i)
            larger[i - first_] = waiting_[i & (waiting_.size() - 1)];
        last_ -= first_;
        first_ = 0;
        waiting_ = std::move(larger);
    }

    std::vector<Waiting> waiting_ = std::vector<Waiting>(16);
    std::size_t first_ = 0, last_ = 0;
};

class Team {
public:
    void set(int size, const Numbers *opens, const Numbers *closes) {
        free = size;
        size_ = size;
        opens_ = opens;
        closes_ = closes;
    }

    // Time only goes on, so the window is found by going on from the last.
    bool is_open(double now) {
        if (opens_->empty())
            return true;
        while ((*closes_)[window_] <= now)
            ++window_;
        return (*opens_)[window_] <= now;
    }

    // The next opening, after is_open has said no.
    double next_opening() const { return (*opens_)[window_]; }

    // When work is done that begins now, while the team is open.
    double end_of(double now, double work) const {
        if (opens_->empty())
            return now + work;
        auto window = window_;
        for (double from = now;; from = (*opens_)[++window]) {
            const double left = (*closes_)[window] - from;
            if (work <= left)
                return from + work;
            work -= left;
        }
    }

    // A larger roster fills at once; of a smaller one the idle go first, and the others as they come free.
    void resize(int size) {
        for (; size_ < size; ++size_)
            leaving > 0 ? --leaving : ++free;
        for (; size_ > size; --size_)
            free > 0 ? --free : ++leaving;
    }

    // Whether a practitioner who comes free stays on the roster.
    bool give_back() {
        if (leaving > 0) {
            --leaving;
            return false;
        }
        ++free;
        return true;
    }

    int free = 0, leaving = 0;
    std::array<Ring, 2> queue;
    double opening = -1;

private:
    const Numbers *opens_ = nullptr, *closes_ = nullptr;
    std::size_t window_ = 0;
    int size_ = 0;
};

class Diary {
public:
    Diary(const Numbers &times, const Numbers &free) : times_(times), next_(times.size() + 1) {
        for (const double number : free)
            free_.push_back(static_cast<int>(number));
        for (std::size_t i = 0; i < next_.size(); ++i)
            next_[i] = static_cast<Index>(i);
    }

    // The earliest slot with room from a time on.
    double book(double earliest) {
        auto slot = static_cast<Index>(std::lower_bound(times_.begin(), times_.end(), earliest) - times_.begin());
        while (next_[slot] != slot)
            slot = next_[slot] = next_[next_[slot]];
        if (slot == times_.size())
            return never;
        if (--free_[slot] == 0)
            next_[slot] = slot + 1;
        return times_[slot];
    }

private:
    const Numbers &times_;
    std::vector<int> free_;
    std::vector<Index> next_;
};

struct Sums {
    std::array<std::array<std::int64_t, did::whats>, stages> did{};
    std::array<std::array<std::int64_t, most_branches>, stages> branches{};
    std::array<double, stages> waited{};
    std::array<std::array<std::int64_t, wait_bins>, stages> waits{};  // by powers of two of a minute
    std::vector<std::array<std::array<std::int64_t, groups>, care_kinds>> live;
    using Money = std::array<std::array<std::int64_t, groups>, care_kinds>;
    std::vector<Money> days, gross, pays;  // by financial year; money is days × pence a week
    std::array<std::int64_t, stages> queued{}, in_service{};
    std::int64_t events = 0, people = 0, gone = 0, in_care = 0, to_come_back = 0, done = 0;
};

// --- The run -----------------------------------------------------------------------------------------------------------

class Run {
public:
    Run(std::uint64_t seed, const Figures &figures)
        : figures_(figures), random_(seed), diary_(figures.slot_times, figures.slot_free),
          year_days_(figures.years.begin(), figures.years.end()) {
        const auto years = figures.years.size() - 1;
        sums_.days.resize(years);
        sums_.gross.resize(years);
        sums_.pays.resize(years);
        for (int team = 0; team < teams; ++team) {
            teams_[team].set(figures.size[team], &figures.opens[team], &figures.closes[team]);
            const auto &roster = figures.roster[team];
            for (std::size_t i = 0; i < roster.size(); i += 2)
                schedule(roster[i], static_cast<Index>(team), roster_changes, static_cast<Index>(roster[i + 1]));
        }
    }

    const Sums &go() {
        hold();
        for (Index source = 0; source < sources; ++source)
            await_arrival(source);
        const auto &months = figures_.month_starts;
        double next_month = months.size() > 1 ? months[1] : never;
        std::size_t month = 0;
        while (!events_.empty()) {
            const Event event = events_.top();
            events_.pop();
            now_ = event.time;
            while (now_ >= next_month) {
                take_census(++month);
                month_ = static_cast<int>((month + static_cast<std::size_t>(figures_.first_month)) % 12);
                next_month = month + 1 < months.size() ? months[month + 1] : never;
            }
            ++sums_.events;
            happens(event);
        }
        while (static_cast<double>(month) < figures_.census_months)
            take_census(++month);
        close();
        return sums_;
    }

private:
    void count(Stage stage, did::What what) { ++sums_.did[stage][what]; }

    // What happens after the end is never looked at.
    void schedule(double time, Index who, What what, Index generation) {
        if (time < figures_.end)
            events_.push({time, who, generation << 8 | what});
    }

    void take_census(std::size_t month) {
        if (static_cast<double>(month) <= figures_.census_months)
            sums_.live.push_back(live_);
    }

    int today() const { return static_cast<int>(now_ / day); }

    // People

    Index somebody(int source, int group) {
        Index who;
        if (free_people_.empty()) {
            who = static_cast<Index>(people_.size());
            people_.emplace_back();
        } else {
            who = free_people_.back();
            free_people_.pop_back();
            const auto generation = people_[who].generation;
            people_[who] = Person{};
            people_[who].generation = generation;
        }
        ++sums_.people;
        auto &person = people_[who];
        person.source = static_cast<std::uint8_t>(source);
        person.group = static_cast<std::uint8_t>(group);
        person.travels_not = random_.chance(figures_.no_travel[group]);
        person.above = random_.chance(figures_.above[group]);
        person.rank = static_cast<float>(random_.uniform());
        person.pays = static_cast<float>(random_.uniform());
        retype(person);
        return who;
    }

    void retype(Person &person) {
        const int at = ((person.travels_not * groups + person.group) * 2 + person.above) * sources + person.source;
        person.type = static_cast<std::uint8_t>(figures_.type_of[static_cast<std::size_t>(at)]);
    }

    void forget(Index who) {
        auto &person = people_[who];
        person.generation = (person.generation + 1) & generations;
        person.where = nowhere;
        free_people_.push_back(who);
        ++sums_.gone;
    }

    void await_arrival(Index source) {
        const double time = now_ + day / figures_.per_day[source] * random_.exponential();
        if (time < figures_.until)
            schedule(time, source, arrives, 0);
    }

    // People in care at the start: how long their care has run, and what is left given that.
    void hold() {
        const double sum = figures_.per_day[0] + figures_.per_day[1];
        for (std::size_t i = 0; i < figures_.held.size(); i += 3) {
            const int group = static_cast<int>(figures_.held[i]);
            const auto kind = static_cast<CareKind>(figures_.held[i + 1]);
            for (int k = static_cast<int>(figures_.held[i + 2]); k > 0; --k) {
                const auto who = somebody(random_.chance(figures_.per_day[1] / sum), group);
                auto &person = people_[who];
                if (kind != of_telecare)
                    person.rank = static_cast<float>(
                        (kind == of_home_care ? figures_.home_scale : figures_.care_home_scale).rank(person.type, person.rank));
                else
                    person.where = done;
                const double at = random_.uniform() * age_knots;
                const int low = static_cast<int>(at);
                const double *ages = figures_.age[kind].data() + person.type * (age_knots + 1);
                const double age = ages[low] + (at - low) * (ages[low + 1] - ages[low]);
                begin_care(who, kind, age);
            }
        }
    }

    // Stage by stage, as far as nothing takes time.
    void walk(Index who, Stage stage) {
        for (;;) {
            auto &person = people_[who];
            switch (stage) {
            case desk:
                return join(who, desk, desks, 0);
            case first_contact: {
                const bool met = !random_.chance(figures_.resolved[month_][person.type]);
                ++sums_.branches[first_contact][met];
                stage = met ? how_met : advice;
                break;
            }
            case how_met: {
                const int way = person.travels_not ? 0 : figures_.how.branch(person.type, random_.uniform());
                ++sums_.branches[how_met][way];
                stage = way == 1 ? hub : home_visit;
                break;
            }
            case hub:
                count(hub, did::join);
                person.joined = now_;
                person.missed = 0;
                person.stage = hub;
                return book(who);
            case home_visit:
                return join(who, home_visit, visitors, 0);
            case after_meeting: {
                const int way = decide(after_meeting, person, figures_.meeting, figures_.meeting_scale);
                stage = way == 0 ? advice : way == 1 ? enablement : assessment;
                break;
            }
            case enablement:
                return join(who, enablement, places, 0);
            case lighter:
                move_need(person, lighter, figures_.lighter);
                stage = after_enablement;
                break;
            case after_enablement: {
                const int way = figures_.enabled.branch(person.type, random_.uniform());
                ++sums_.branches[after_enablement][way];
                stage = way == 0 ? independent : assessment;
                break;
            }
            case in_hospital:
                count(in_hospital, did::join);
                count(in_hospital, did::start);
                sums_.waits[in_hospital][0] += 1;
                person.stage = in_hospital;
                person.where = in_service;
                return schedule(now_ + figures_.hospital_hours * random_.exponential(), who, served, person.generation);
            case weaker:
                count(weaker, did::set);
                person.travels_not = 1;
                retype(person);
                count(larger_care, did::set);
                person.level = person.level * figures_.larger / 1000;
                stage = assessment;
                break;
            case assessment:
                return join(who, assessment, assessors, static_cast<int>(figures_.priority[person.type]));
            case duty_assessment:
                return join(who, duty_assessment, duty, 0);
            case eligible:
                stage = decide(eligible, person, figures_.need, figures_.need_scale) == 0 ? not_funded : means_test;
                break;
            case means_test:
                ++sums_.branches[means_test][!person.above];
                stage = person.above ? not_funded : setting;
                break;
            case setting:
                stage = decide(setting, person, figures_.place, figures_.place_scale) == 0 ? telecare_beside : care_home;
                break;
            case telecare_beside: {
                const int way = figures_.beside.branch(person.type, random_.uniform());
                ++sums_.branches[telecare_beside][way];
                if (way == 1)
                    begin_care(who, of_telecare, -1);
                stage = home_care;
                break;
            }
            case home_care:
                return begin_care(who, of_home_care, -1);
            case heavier:
                move_need(person, heavier, figures_.heavier);
                stage = care_home;
                break;
            case care_home:
                return begin_care(who, of_care_home, -1);
            default:
                return leave(who, stage);
            }
        }
    }

    int decide(Stage stage, const Person &person, const Decision &decision, const Scale &scale) {
        const double u =
            random_.chance(decision.weight) ? scale.standing(person.type, person.rank) : random_.uniform();
        const int way = decision.branch(person.type, std::min(u, 1 - 0x1p-53));
        ++sums_.branches[stage][way];
        return way;
    }

    void move_need(Person &person, Stage stage, const std::array<double, 2> &how) {
        count(stage, did::set);
        person.rank = static_cast<float>(person.rank * how[0] + how[1]);
    }

    void leave(Index who, Stage stage) {
        count(stage, did::outcome);
        auto &person = people_[who];
        if (stage == died) {
            if (person.telecare != none)
                end_care(person.telecare);
        } else if (random_.chance(figures_.again)) {
            person.where = to_come_back;
            return schedule(now_ + figures_.again_hours * random_.exponential(), who, comes_back, person.generation);
        }
        if (person.telecare == none)
            forget(who);
        else
            person.where = done;
    }

    // Appointments

    void book(Index who) {
        auto &person = people_[who];
        const double slot = diary_.book(now_ + figures_.lead(random_));
        person.where = in_queue;
        if (slot == never)
            return;
        count(hub, did::booked);
        schedule(slot, who, slot_comes, person.generation);
    }

    void attend(Index who) {
        auto &person = people_[who];
        if (!random_.chance(figures_.misses)) {
            begun(hub, now_ - person.joined);
            person.where = in_service;
            return schedule(now_ + figures_.appointment(random_), who, appointment_ends, person.generation);
        }
        count(hub, did::missed);
        if (++person.missed > figures_.rebookings)
            walk(who, advice);
        else
            book(who);
    }

    // Teams and places

    void begun(Stage stage, double waited) {
        count(stage, did::start);
        sums_.waited[stage] += waited;
        ++sums_.waits[stage][std::bit_width(static_cast<std::uint32_t>(waited * 60))];
    }

    void join(Index who, Stage stage, TeamName name, int priority) {
        count(stage, did::join);
        auto &team = teams_[name];
        auto &person = people_[who];
        person.stage = stage;
        person.joined = now_;
        if (team.free > 0 && team.is_open(now_)) {
            --team.free;
            return serve(who);
        }
        person.where = in_queue;
        team.queue[static_cast<std::size_t>(priority)].push({who, person.generation});
        if (team.free > 0)
            await_opening(name);
        if (stage != assessment && stage != enablement)
            return;
        const double hazard = figures_.to_hospital_hours[person.type] * random_.exponential();
        const double longest = stage == assessment ? figures_.patience(random_) : figures_.places_patience;
        person.by_hazard = hazard <= longest;
        schedule(now_ + std::min(hazard, longest), who, overflows, person.generation);
    }

    void serve(Index who) {
        auto &person = people_[who];
        person.generation = (person.generation + 1) & generations;  // whatever would have cut the wait short is off
        person.where = in_service;
        begun(person.stage, now_ - person.joined);
        switch (person.stage) {
        case desk:
            return work(who, desks, figures_.desk_hours * random_.exponential());
        case home_visit:
            return work(who, visitors, figures_.visit(random_));
        case assessment:
            return work(who, assessors, figures_.assess(random_));
        case duty_assessment:
            return work(who, duty, figures_.on_duty(random_));
        default:
            return stay(who);
        }
    }

    void work(Index who, TeamName name, double hours) {
        schedule(teams_[name].end_of(now_, hours * figures_.effort[name]), who, served, people_[who].generation);
    }

    void stay(Index who) {
        auto &person = people_[who];
        count(enablement, did::weekly);
        person.joined = now_;
        const double low = figures_.enablement_stay[0], high = figures_.enablement_stay[1];
        const double length = low + (high - low) * random_.uniform();
        const double hazard = figures_.to_hospital_hours[person.type] * random_.exponential();
        const bool cut = hazard < length;
        schedule(now_ + std::min(hazard, length), who, cut ? stay_is_cut : stay_ends, person.generation);
    }

    void end_stay(Index who) {
        count(enablement, did::end);
        spend_enablement(people_[who], today());
        give_back(places);
    }

    void spend_enablement(const Person &person, int until) {
        const auto price = figures_.pence[of_enablement][person.type];
        spend(of_enablement, person.group, static_cast<int>(person.joined / day), until, price, 0);
    }

    void give_back(TeamName name) {
        if (teams_[name].give_back())
            hand_over(name);
    }

    void hand_over(TeamName name) {
        auto &team = teams_[name];
        if (team.queue[0].empty() && team.queue[1].empty())
            return;
        if (!team.is_open(now_))
            return await_opening(name);
        for (auto &queue : team.queue)
            while (team.free > 0 && !queue.empty()) {
                const auto [who, generation] = queue.pop();
                if (name == reviewers) {
                    if (cares_[who].review_generation != generation)
                        continue;
                    --team.free;
                    begin_review(who);
                } else if (people_[who].generation == generation) {
                    --team.free;
                    serve(who);
                }
            }
    }

    void await_opening(TeamName name) {
        auto &team = teams_[name];
        const double opens = team.next_opening();
        if (opens == team.opening)
            return;
        team.opening = opens;
        schedule(opens, name, doors_open, 0);
    }

    void after_service(Index who) {
        const auto stage = people_[who].stage;
        count(stage, did::end);
        switch (stage) {
        case desk:
            give_back(desks);
            return walk(who, first_contact);
        case home_visit:
            give_back(visitors);
            return walk(who, after_meeting);
        case assessment:
            give_back(assessors);
            return walk(who, eligible);
        case duty_assessment:
            give_back(duty);
            return walk(who, eligible);
        default:
            return walk(who, weaker);
        }
    }

    void overflow(Index who) {
        auto &person = people_[who];
        person.generation = (person.generation + 1) & generations;  // the place in the queue is void
        if (person.by_hazard) {
            count(to_hospital, did::hazard);
            return walk(who, in_hospital);
        }
        count(person.stage, did::overflow);
        walk(who, person.stage == assessment ? duty_assessment : assessment);
    }

    // Care

    // Care begins; an age of 0 or more says that it has run for so long at the start.
    void begin_care(Index who, CareKind kind, double age) {
        Index at;
        if (kind != of_home_care && people_[who].telecare != none)
            end_care(people_[who].telecare);
        if (free_cares_.empty()) {
            at = static_cast<Index>(cares_.size());
            cares_.emplace_back();
        } else {
            at = free_cares_.back();
            free_cares_.pop_back();
            const auto generation = cares_[at].generation, review_generation = cares_[at].review_generation;
            cares_[at] = Care{};
            cares_[at].generation = generation;
            cares_[at].review_generation = review_generation;
        }
        auto &person = people_[who];
        auto &care = cares_[at];
        const bool is_held = age >= 0;
        const auto stage = kind == of_telecare ? telecare : kind == of_home_care ? home_care : care_home;
        care.person = who;
        care.kind = kind;
        care.group = person.group;
        care.level = person.level;
        care.live = true;
        ++live_[kind][person.group];
        count(stage, is_held ? did::held : did::package_start);
        price(person, care);
        charge(care, stage);
        const double length = is_held ? left(person.type, kind, age) : length_of_stay(person.type, kind);
        if (kind == of_telecare) {
            person.telecare = at;
            return schedule(now_ + length, at, care_ends, care.generation);
        }
        person.care = at;
        person.where = in_care;
        What how = care_ends;
        double soonest = length;
        if (const double hazard = figures_.death_hours[person.type] * random_.exponential(); hazard < soonest) {
            soonest = hazard;
            how = care_dies;
        }
        if (kind == of_home_care)
            if (const double hazard = figures_.moves_hours[person.type] * random_.exponential(); hazard < soonest) {
                soonest = hazard;
                how = care_moves;
            }
        care.ends = now_ + soonest;
        schedule(care.ends, at, how, care.generation);
        double wait = figures_.interval(random_);
        if (is_held)
            for (wait -= age; wait <= 0;)
                wait += figures_.interval(random_);
        await_review(at, wait);
    }

    double length_of_stay(int type, CareKind kind) {
        if (kind == of_telecare)
            return figures_.telecare_hours * random_.exponential();
        if (kind == of_home_care)
            return figures_.home_hours[type] * random_.exponential();
        return scale_of(type) * std::pow(random_.exponential(), 1 / figures_.shape);
    }

    double left(int type, CareKind kind, double age) {
        if (kind != of_care_home)
            return length_of_stay(type, kind);  // without memory
        const double scale = scale_of(type), shape = figures_.shape;
        return scale * std::pow(std::pow(age / scale, shape) + random_.exponential(), 1 / shape) - age;
    }

    double scale_of(int type) const { return figures_.care_home_hours[type] / std::tgamma(1 + 1 / figures_.shape); }

    void price(const Person &person, Care &care) {
        const auto base = figures_.pence[care.kind][person.type];
        care.pence = base;
        if (care.kind == of_telecare)
            return;
        const bool at_home = care.kind == of_home_care;
        const auto &scale = at_home ? figures_.home_scale : figures_.care_home_scale;
        const double sigma = at_home ? figures_.home_sigma : figures_.care_home_sigma;
        const double z = random_.chance(figures_.size_weight)
                             ? normal_quantile(scale.standing(person.type, person.rank))
                             : random_.normal();
        care.pence = base * static_cast<std::int64_t>(1000 * std::exp(sigma * z - sigma * sigma / 2)) / 1000;
        care.share = static_cast<int>(1000 * person.pays * (at_home ? figures_.home_pays : figures_.care_home_pays));
    }

    void charge(Care &care, Stage stage) {
        care.since = today();
        care.weekly = care.pence * care.level / 1000;
        count(stage, did::weekly);
        if (care.share >= 0) {
            care.pays = care.weekly * care.share / 1000;
            count(stage, did::pays);
        }
    }

    void spend(CareKind kind, int group, int since, int until, std::int64_t weekly, std::int64_t pays) {
        for (std::size_t year = 0; year + 1 < year_days_.size() && year_days_[year] < until; ++year) {
            const auto days = std::min(until, year_days_[year + 1]) - std::max(since, year_days_[year]);
            if (days <= 0)
                continue;
            sums_.days[year][kind][group] += days;
            sums_.gross[year][kind][group] += days * weekly;
            sums_.pays[year][kind][group] += days * pays;
        }
    }

    void end_care(Index at) {
        auto &care = cares_[at];
        auto &person = people_[care.person];
        const auto stage = care.kind == of_telecare ? telecare : care.kind == of_home_care ? home_care : care_home;
        count(stage, did::package_end);
        spend(care.kind, care.group, care.since, today(), care.weekly, care.pays);
        --live_[care.kind][care.group];
        (care.kind == of_telecare ? person.telecare : person.care) = none;
        care.generation = (care.generation + 1) & generations;
        care.live = false;
        if (care.review == review_under_way)
            return;  // the work is finished and changes nothing; the slot is kept till then
        if (care.review == review_waits) {
            count(review, did::withdrawn);
            count(review_due, did::reviewed);
        }
        drop(at);
    }

    void drop(Index at) {
        auto &care = cares_[at];
        care.review_generation = (care.review_generation + 1) & generations;
        care.review = no_review;
        care.person = none;
        free_cares_.push_back(at);
    }

    void care_is_over(Index at, What how) {
        const auto who = cares_[at].person;
        const bool beside = cares_[at].kind == of_telecare;
        if (how == care_dies)
            count(death, did::hazard);
        else if (how == care_moves)
            count(moves, did::hazard);
        end_care(at);
        if (!beside)
            walk(who, how == care_dies ? died : how == care_moves ? heavier : care_ended);
        else if (people_[who].where == done)
            forget(who);
    }

    // Reviews

    void await_review(Index at, double wait) {
        if (now_ + wait < cares_[at].ends)
            schedule(now_ + wait, at, review_falls_due, cares_[at].review_generation);
    }

    void fall_due(Index at) {
        count(review_due, did::review);
        count(review, did::join);
        auto &care = cares_[at];
        auto &team = teams_[reviewers];
        care.joined = now_;
        if (team.free > 0 && team.is_open(now_)) {
            --team.free;
            return begin_review(at);
        }
        care.review = review_waits;
        team.queue[0].push({at, care.review_generation});
        if (team.free > 0)
            await_opening(reviewers);
    }

    void begin_review(Index at) {
        auto &care = cares_[at];
        care.review = review_under_way;
        begun(review, now_ - care.joined);
        const double work = figures_.reviewing(random_) * figures_.effort[reviewers];
        schedule(teams_[reviewers].end_of(now_, work), at, review_ends, care.review_generation);
    }

    void end_review(Index at) {
        count(review, did::end);
        count(review_due, did::reviewed);
        give_back(reviewers);
        auto &care = cares_[at];
        if (!care.live)
            return drop(at);
        care.review = no_review;
        const int says = figures_.says.branch(people_[care.person].type, random_.uniform());
        ++sums_.branches[review_says][says];
        if (says == 0)
            return care_is_over(at, care_ends);
        if (says != 2) {
            spend(care.kind, care.group, care.since, today(), care.weekly, care.pays);
            care.level = care.level * (says == 1 ? figures_.cut : figures_.raised) / 1000;
            charge(care, care.kind == of_home_care ? home_care : care_home);
            count(says == 1 ? care_cut : care_raised, did::set);
        }
        await_review(at, figures_.interval(random_));
    }

    // Events

    void happens(Event event) {
        const auto what = static_cast<What>(event.packed & 0xff);
        const auto generation = event.packed >> 8, who = event.who;
        switch (what) {
        case arrives: {
            await_arrival(who);
            const double u = random_.uniform();
            int group = 0;
            while (u >= figures_.group_cuts[who * groups + static_cast<Index>(group)])
                ++group;
            const auto person = somebody(static_cast<int>(who), group);
            count(who == 0 ? contact_community : contact_hospital, did::contact);
            return walk(person, desk);
        }
        case comes_back:
            count(people_[who].source == 0 ? contact_community : contact_hospital, did::contact_again);
            return walk(who, desk);
        case served:
            return after_service(who);
        case overflows:
            if (people_[who].generation == generation)
                overflow(who);
            return;
        case slot_comes:
            return attend(who);
        case appointment_ends:
            count(hub, did::end);
            return walk(who, after_meeting);
        case stay_ends:
            end_stay(who);
            return walk(who, lighter);
        case stay_is_cut:
            count(to_hospital, did::hazard);
            end_stay(who);
            return walk(who, in_hospital);
        case care_ends:
        case care_dies:
        case care_moves:
            if (cares_[who].generation == generation)
                care_is_over(who, what);
            return;
        case review_falls_due:
            if (cares_[who].review_generation == generation)
                fall_due(who);
            return;
        case review_ends:
            return end_review(who);
        case doors_open:
            return hand_over(static_cast<TeamName>(who));
        case roster_changes:
            teams_[who].resize(static_cast<int>(generation));
            return hand_over(static_cast<TeamName>(who));
        }
    }

    // The end: care that runs on has cost until now, and everybody is somewhere.
    void close() {
        now_ = figures_.end;
        for (const auto &care : cares_)
            if (care.live)
                spend(care.kind, care.group, care.since, today(), care.weekly, care.pays);
        for (const auto &person : people_) {
            if (person.where == in_queue)
                ++sums_.queued[person.stage];
            else if (person.where == in_service)
                ++sums_.in_service[person.stage];
            sums_.in_care += person.where == in_care;
            sums_.to_come_back += person.where == to_come_back;
            sums_.done += person.where == done;
            if (person.where == in_service && person.stage == enablement)
                spend_enablement(person, today());
        }
        for (const auto &care : cares_) {
            sums_.queued[review] += care.review == review_waits;
            sums_.in_service[review] += care.review == review_under_way;
        }
    }

    const Figures &figures_;
    Random random_;
    double now_ = 0;
    int month_ = figures_.first_month;
    Diary diary_;
    std::vector<int> year_days_;
    std::priority_queue<Event, std::vector<Event>, Later> events_;
    std::array<Team, teams> teams_;
    std::vector<Person> people_;
    std::vector<Care> cares_;
    std::vector<Index> free_people_, free_cares_;
    std::array<std::array<std::int64_t, groups>, care_kinds> live_{};
    Sums sums_;
};

// --- Printing ----------------------------------------------------------------------------------------------------------

double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

template <class Table> void print_table(const char *name, const std::vector<Table> &rows) {
    std::printf(", \"%s\": {", name);
    for (std::size_t kind = 0; kind < care_kinds; ++kind) {
        std::printf("%s\"%s\": [", kind ? ", " : "", care_names[kind]);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            std::printf(i ? ", [" : "[");
            for (std::size_t group = 0; group < groups; ++group)
                std::printf(group ? ", %lld" : "%lld", static_cast<long long>(rows[i][kind][group]));
            std::printf("]");
        }
        std::printf("]");
    }
    std::printf("}");
}

void print_stages(const char *name, const std::array<std::int64_t, stages> &numbers) {
    std::printf(", \"%s\": {", name);
    const char *between = "";
    for (std::size_t stage = 0; stage < stages; ++stage)
        if (numbers[stage]) {
            std::printf("%s\"%s\": %lld", between, stage_names[stage], static_cast<long long>(numbers[stage]));
            between = ", ";
        }
    std::printf("}");
}

void print_branches(const Sums &sums, Stage stage, const std::array<const char *, most_branches> &names) {
    for (std::size_t way = 0; way < most_branches && names[way]; ++way)
        std::printf(", \"%s branch %s\": %lld", stage_names[stage], names[way],
                    static_cast<long long>(sums.branches[stage][way]));
}

void print(const Sums &sums, double seconds) {
    std::printf("{\"seconds\": %.9f, \"events\": %lld, \"people\": %lld, \"gone\": %lld", seconds,
                static_cast<long long>(sums.events), static_cast<long long>(sums.people),
                static_cast<long long>(sums.gone));
    std::printf(", \"in_care\": %lld, \"to_come_back\": %lld, \"done\": %lld", static_cast<long long>(sums.in_care),
                static_cast<long long>(sums.to_come_back), static_cast<long long>(sums.done));
    print_stages("queued", sums.queued);
    print_stages("in_service", sums.in_service);
    print_table("live", sums.live);
    print_table("days", sums.days);
    print_table("gross", sums.gross);
    print_table("pays", sums.pays);
    std::printf(", \"waits\": {");
    const char *between = "";
    for (std::size_t stage = 0; stage < stages; ++stage)
        if (sums.did[stage][did::start]) {
            std::printf("%s\"%s\": [", between, stage_names[stage]);
            for (std::size_t bin = 0; bin < wait_bins; ++bin)
                std::printf(bin ? ", %lld" : "%lld", static_cast<long long>(sums.waits[stage][bin]));
            std::printf("]");
            between = ", ";
        }
    std::printf("}, \"measures\": {\"contact_community contact\": %lld",
                static_cast<long long>(sums.did[contact_community][did::contact]));
    for (std::size_t stage = 0; stage < stages; ++stage)
        for (std::size_t what = 0; what < did::whats; ++what)
            if (sums.did[stage][what] && !(stage == contact_community && what == did::contact))
                std::printf(", \"%s %s\": %lld", stage_names[stage], did::names[what],
                            static_cast<long long>(sums.did[stage][what]));
    for (const auto &[stage, names] : branch_names)
        print_branches(sums, stage, names);
    print_branches(sums, review_says, review_branches);
    for (std::size_t stage = 0; stage < stages; ++stage)
        if (const auto started = sums.did[stage][did::start]; started && stage != in_hospital)
            std::printf(", \"%s mean wait\": %.9f", stage_names[stage],
                        sums.waited[stage] / static_cast<double>(started));
    std::printf("}}");
}

}  // namespace

int main(int many, char **words) {
    if (many != 4) {
        std::fprintf(stderr, "usage: %s PARAMETERS SEED RUNS\n", words[0]);
        return 2;
    }
    try {
        const Figures figures{Parameters(words[1])};
        const auto seed = std::strtoull(words[2], nullptr, 10);
        const auto times = std::strtoull(words[3], nullptr, 10);
        std::printf("{\"runs\": [");
        for (std::uint64_t i = 0; i < times; ++i) {
            const double begun = cpu_seconds();
            Run run(seed + i, figures);
            const auto &sums = run.go();
            const double took = cpu_seconds() - begun;
            std::printf(i ? ",\n" : "");
            print(sums, took);
        }
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    std::printf("], \"peak_kilobytes\": %ld}\n", used.ru_maxrss);
}
